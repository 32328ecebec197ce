"""The rows of an uploaded CSV, in the encodings and with the separators of office programs. Pure.

Excel writes UTF-8 with a byte order mark, GB 18030 in China, UTF-16 with tabs as "Unicode text",
and semicolons where a comma is the decimal sign.
"""

import codecs
import csv
import io
from collections.abc import Iterator

from gigacity_api.reports.table_faults import (
    MAX_COLUMNS,
    MAX_LINES,
    TableError,
    of_file,
    too_many_columns,
    too_many_lines,
)

_SEPARATORS = ",;\t，"


def csv_rows(content: bytes) -> Iterator[list[str]]:
    """Every row, the header first.

    Raises:
        TableError: it is no text, no CSV, too long or too wide.
    """
    text = _text_of(content)
    header = text.partition("\n")[0]
    separator = max(_SEPARATORS, key=header.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        for number, cells in enumerate(reader, start=1):
            if number > MAX_LINES:
                raise too_many_lines()
            if len(cells) > MAX_COLUMNS:
                raise too_many_columns(number)
            yield cells
    except csv.Error as error:
        raise of_file(f"is no CSV: {error}", "CSV格式错误") from error


def _text_of(content: bytes) -> str:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _decoded(content, "utf-16")
    if content.startswith(codecs.BOM_UTF8):
        return _decoded(content, "utf-8-sig")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.reason == "unexpected end of data":
            # Read as GB 18030, its texts would be stored as others.
            raise of_file("is UTF-8 that was cut short", "UTF-8文件不完整") from error
    return _decoded(content, "gb18030")


def _decoded(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise _unreadable() from error


def _unreadable() -> TableError:
    return of_file(
        "is neither XLSX nor CSV in UTF-8, UTF-16 or GB 18030",
        "不是XLSX文件,也不是UTF-8、UTF-16或GB18030编码的CSV文件",
    )
