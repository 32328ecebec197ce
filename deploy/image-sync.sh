#!/bin/sh
# Inside an image build (deploy/Dockerfile): the locked packages into /opt/gigacity.
# A certificate that the package index needs is a build secret, mounted only if it was given.
set -eu
if [ -s /run/secrets/ca.crt ]; then
  export SSL_CERT_FILE=/run/secrets/ca.crt
fi
exec /opt/uv/bin/uv sync --quiet --locked --no-dev "$@"
