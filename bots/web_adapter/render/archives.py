"""Several files as one."""

import io
import zipfile
from collections.abc import Mapping

from aiohttp import web


def zipped(files: Mapping[str, bytes], name: str) -> web.Response:
    """Files by name, to be saved as one; pictures are compressed already.

    Args:
        files: The files.
        name: What it is called, without suffix: ASCII letters, digits and hyphens.
    """
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        for path, content in files.items():
            archive.writestr(path, content)
    return web.Response(
        body=body.getvalue(),
        content_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="{name}.zip"'},
    )
