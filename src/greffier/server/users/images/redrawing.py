"""The program that draws a picture anew, run in a process of its own: `python redrawing.py SIDE MAX_PIXELS
MEMORY`, an untrusted picture on standard input.

A picture can take a thousand times the memory of its file, and its decoders are written in C: here both the
memory and whatever goes wrong end with the process. It imports nothing of this package, and Pillow late,
because the server imports its constants.

Exit status: 0 with the picture as WebP on standard output, 2 for what is no picture of a known format, 3 for
one with too many pixels. Any other is a failure, such as a lack of memory.
"""

from __future__ import annotations

import sys
from io import BytesIO

FORMATS = ("PNG", "JPEG", "GIF", "WEBP")
"""No SVG: it can carry scripts."""
UNREADABLE, TOO_LARGE = 2, 3
CPU_SECONDS = 10


def redraw(data: bytes, side: int, max_pixels: int) -> bytes | int:
    """The picture as WebP, upright, at most `side` pixels long, without what else the file carried.

    Returns: an exit status if it is refused. Its dimensions are read before anything is decoded.
    """
    from PIL import Image, ImageOps

    try:
        with Image.open(BytesIO(data), formats=FORMATS) as picture:
            if picture.width * picture.height > max_pixels:
                return TOO_LARGE
            # Smaller while it is decoded, where the format can (JPEG), and before anything copies it.
            picture.draft("RGB", (2 * side, 2 * side))
            whole = picture.convert("RGBA") if picture.mode == "P" else picture
            whole.thumbnail((side, side), reducing_gap=2.0)
            upright = ImageOps.exif_transpose(whole)
            drawn = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
    except Image.DecompressionBombError:
        return TOO_LARGE
    except (OSError, ValueError, SyntaxError):
        return UNREADABLE
    drawn.info.clear()
    written = BytesIO()
    drawn.save(written, "WEBP", quality=85)
    return written.getvalue()


def limit_memory(most: int) -> None:
    """Bytes of address space, and seconds of a core, that this process may take; not on Windows."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))


def main() -> int:
    side, max_pixels, memory = (int(argument) for argument in sys.argv[1:])
    limit_memory(memory)
    drawn = redraw(sys.stdin.buffer.read(), side, max_pixels)
    if isinstance(drawn, int):
        return drawn
    sys.stdout.buffer.write(drawn)
    return 0


if __name__ == "__main__":
    sys.exit(main())
