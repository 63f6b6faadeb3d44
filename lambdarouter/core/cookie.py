"""Set-Cookie values.

https://datatracker.ietf.org/doc/html/draft-ietf-httpbis-rfc6265bis
"""

from __future__ import annotations

from lambdarouter.errors import check_header

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime
    from typing import Literal, TypedDict

    class CookieAttributes(TypedDict, total=False):
        """What `set_cookie` takes beside name and value."""

        max_age: int | None
        expires: datetime | None
        path: str
        domain: str | None
        secure: bool
        http_only: bool
        same_site: Literal["strict", "lax", "none"]
        partitioned: bool


__all__ = ["set_cookie"]

# The draft's cookie-octet: visible ASCII without quotes, comma, semicolon and backslash.
_OCTETS = frozenset(map(chr, range(0x21, 0x7F))) - frozenset('",;\\')
_SITES = ("strict", "lax", "none")
_LONGEST = 4096  # bytes of name and value together, beyond which browsers drop a cookie


def set_cookie(  # noqa: C901 - one check after the other
    name: str,
    value: str,
    *,
    max_age: int | None = None,
    expires: datetime | None = None,
    path: str = "/",
    domain: str | None = None,
    secure: bool = True,
    http_only: bool = True,
    same_site: Literal["strict", "lax", "none"] = "lax",
    partitioned: bool = False,
) -> str:
    """Write a Set-Cookie value. Raises ValueError for a cookie that browsers would drop or read differently.

    `max_age` in seconds, or `expires`, a datetime with a time zone; neither: until the browser ends.
    """
    check_header(name, value)
    if not _OCTETS.issuperset(value):
        msg = (
            f"the value of the cookie {name!r} holds a character that cookies have no room for: encode it, for example "
            "with urllib.parse.quote"
        )
        raise ValueError(msg)
    if len(name) + len(value) > _LONGEST:
        msg = f"the cookie {name!r} has {len(name) + len(value)} bytes; browsers drop those of more than {_LONGEST}"
        raise ValueError(msg)
    site = same_site.lower() if isinstance(same_site, str) else same_site
    if site not in _SITES:
        msg = f"same_site of the cookie {name!r} is {same_site!r}; it is one of {', '.join(_SITES)}"
        raise ValueError(msg)
    for needs, why in ((site == "none", 'same_site="none"'), (partitioned, "partitioned=True")):
        if needs and not secure:
            msg = f"the cookie {name!r} has {why} and not secure=True: browsers drop it"
            raise ValueError(msg)
    _check_prefix(name, path, domain, secure=secure)
    parts = [f"{name}={value}"]
    for attribute, text in (("Path", path), ("Domain", domain)):
        if text is not None:
            check_header(attribute, text)
            if ";" in text:
                msg = f"the {attribute} of the cookie {name!r} is {text!r}, which holds a semicolon"
                raise ValueError(msg)
            parts.append(f"{attribute}={text}")
    if max_age is not None:
        parts.append(f"Max-Age={int(max_age)}")
    if expires is not None:
        parts.append(f"Expires={_http_date(expires)}")
    parts += ["Secure"] * secure + ["HttpOnly"] * http_only + [f"SameSite={site.capitalize()}"]
    parts += ["Partitioned"] * partitioned
    return "; ".join(parts)


def _check_prefix(name: str, path: str, domain: str | None, *, secure: bool) -> None:
    """What a name's prefix promises has to be so: browsers check it."""
    prefix = name.lower()
    if prefix.startswith(("__secure-", "__host-")) and not secure:
        msg = f"the cookie {name!r} is to be secure=True, as its name promises"
        raise ValueError(msg)
    if prefix.startswith("__host-") and (path != "/" or domain is not None):
        msg = f'the cookie {name!r} is to have path="/" and no domain, as its name promises'
        raise ValueError(msg)


def _http_date(time: datetime) -> str:
    from datetime import UTC  # noqa: PLC0415 - whoever has a datetime has loaded it
    from email.utils import format_datetime  # noqa: PLC0415 - 18 ms, for cookies with a date

    if time.tzinfo is None:
        msg = f"expires is {time!r}, which has no time zone: use datetime.now(UTC) + …"
        raise ValueError(msg)
    return format_datetime(time.astimezone(UTC), usegmt=True)
