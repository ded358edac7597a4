"""QR codes as the camera of a phone reads them."""

from __future__ import annotations

from io import BytesIO

import zxingcpp
from PIL import Image


def text_in(screenshot: bytes) -> str | None:
    """The text of the QR code in a picture; `None` while there is none to read."""
    found = zxingcpp.read_barcodes(Image.open(BytesIO(screenshot)), zxingcpp.BarcodeFormat.QRCode)
    return found[0].text if found else None
