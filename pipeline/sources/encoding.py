"""What bytes say: any body becomes UTF-8, by its byte order mark, its XML declaration, its header, or what fits."""

from __future__ import annotations

import codecs
import re

#: longest first: UTF-32's mark begins like UTF-16's
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"<\x00\x00\x00", "utf-32-le"),
    (b"\x00\x00\x00<", "utf-32-be"),
    (b"<\x00", "utf-16-le"),
    (b"\x00<", "utf-16-be"),
)
#: where a feed in a wide encoding is markup for sure
_START = 64
_DECLARED = re.compile(rb"\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]{1,40})[\"']")
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)
#: read as their supersets, which is what those who write these names use (encoding.spec.whatwg.org, 4.2)
_SUPERSETS = {"iso8859-1": "cp1252", "ascii": "cp1252", "iso8859-9": "cp1254", "gb2312": "gb18030", "gbk": "gb18030"}
#: Python knows more, and some of those do no good to hostile bodies; wide encodings would have had a mark
_USABLE = re.compile(r"utf-8|ascii|cp\d+|iso8859-\d+|koi8-\w|mac-\w+|gb\w+|big5\w*|shift_jis\w*|euc_\w+|tis-620")
#: one byte a character: text in one of these is never valid UTF-8 by accident
_ONE_BYTE = re.compile(r"cp125\d|iso8859-\d+|koi8-\w|mac-\w+|tis-620")
_MIXED = "vigia-windows-1252"
#: XML allows no others below the space, and one of them makes a whole feed unreadable
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\r"))
_REFERENCE = re.compile(rb"&#(?:[xX]([0-9a-fA-F]+)|([0-9]+));")


def to_utf8(body: bytes, content_type: str) -> tuple[bytes, str | None]:
    """The body in UTF-8, without byte order mark and control characters, and what had to be mended in it, in words."""
    text, trouble = _decoded(body, content_type)
    clean = text.translate(None, _CONTROLS)
    if b"&#" in clean:
        clean = _REFERENCE.sub(_possible, clean)
    if len(clean) != len(text):
        trouble = "; ".join(filter(None, (trouble, "control characters were taken out")))
    return clean, trouble


def _possible(reference: re.Match[bytes]) -> bytes:
    """The reference, or nothing where it is one to a control character, to half a character, or to none at all."""
    digits, base = (reference[1], 16) if reference[1] else (reference[2], 10)
    digits = digits.lstrip(b"0")
    number = int(digits, base) if 0 < len(digits) < 8 else 0
    is_control = number < 32 and number not in (9, 10, 13)
    return b"" if is_control or 0xD800 <= number < 0xE000 or number > 0x10FFFF else reference[0]


def _decoded(body: bytes, content_type: str) -> tuple[bytes, str | None]:
    if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and b"\x00" not in body[2:_START]:
        # somebody put the wrong mark in front: text of this kind would have a zero in every other byte
        text, trouble = _decoded(body[2:], content_type)
        return text, "; ".join(filter(None, ("has the byte order mark of another encoding", trouble)))
    for mark, encoding in _MARKS:
        if body.startswith(mark):
            errors = _MIXED if encoding == "utf-8" else "replace"
            return body.decode(encoding, errors).removeprefix("\ufeff").encode(), None
    promised = [name for name in _promises(body, content_type) if name != "utf-8"]
    if _is_utf8(body) and (body.isascii() or all(map(_ONE_BYTE.fullmatch, promised))):
        return body, None if body.isascii() or not promised else f"says {promised[0]}, is utf-8"
    for encoding in promised:
        utf8 = _strictly(body, encoding)
        if utf8 is not None:
            return utf8, None
    said = "says no encoding" if not _promises(body, content_type) else "is not in the encoding it says"
    return body.decode("utf-8", _MIXED).encode(), f"{said}: read as utf-8 mixed with windows-1252"


def _promises(body: bytes, content_type: str) -> list[str]:
    """The encodings that the body's declaration and the header name, in this order, as Python knows them."""
    declared, header = _DECLARED.match(body), _CHARSET.search(content_type)
    names = [declared[1].decode("ascii") if declared else "", header[1] if header else ""]
    known = (_codec(name) for name in names if name)
    return [name for name in known if name is not None]


def _codec(name: str) -> str | None:
    try:
        found = codecs.lookup(name)
    except LookupError:
        return None
    return _SUPERSETS.get(found.name, found.name) if _USABLE.fullmatch(found.name) else None


def _strictly(body: bytes, encoding: str) -> bytes | None:
    try:
        return body.decode(encoding).encode()
    except (UnicodeError, ValueError):
        return None


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _as_windows_1252(error: UnicodeError) -> tuple[str, int]:
    """Read what is no UTF-8 as windows-1252: outlets paste both into one feed."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error(_MIXED, _as_windows_1252)
