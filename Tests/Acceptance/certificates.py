"""Certificates for the tests: one that is right, and one for each way to be wrong."""

import subprocess
from pathlib import Path

NAME = "web1.example"
KEY = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"

SCRIPT = f"""\
set -e
authority() {{ openssl req -x509 {KEY} -keyout "$1.key" -out "$1.pem" -days 2 -subj "/CN=$1"; }}
# file, authority, name, days
server() {{
  openssl req {KEY} -keyout "$1.key" -out "$1.csr" -subj "/CN=$3"
  openssl x509 -req -in "$1.csr" -CA "$2.pem" -CAkey "$2.key" -CAcreateserial -days "$4" \\
    -extfile <(echo "subjectAltName=DNS:$3") -out "$1.crt"
  cat "$1.crt" "$1.key" >"$1.pem"
}}
authority ca
authority stranger
server good ca {NAME} 2
server foreign stranger {NAME} 2
server renamed ca another.example 2
server expired ca {NAME} -1
openssl req {KEY} -keyout client.key -out client.csr -subj "/CN=evenkeel"
openssl x509 -req -in client.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -out client.pem
"""


def make(folder: Path) -> None:
    """Writes `ca.pem`, the chain with its key of `good`, `foreign`, `renamed`, `expired`, and
    `client.pem` with `client.key`."""
    subprocess.run(["bash", "-c", SCRIPT], cwd=folder, check=True, capture_output=True)
