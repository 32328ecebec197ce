"""Every preset by its name."""

from types import MappingProxyType

from gigacity_ingest.presets.definition import OltPreset
from gigacity_ingest.presets.fiberhome import AN5516
from gigacity_ingest.presets.huawei import MA5800
from gigacity_ingest.presets.zte import C300, C600

PRESETS: MappingProxyType[str, OltPreset] = MappingProxyType(
    {preset.name: preset for preset in (MA5800, C300, C600, AN5516)}
)
