"""Recordings without what is nobody's business: the same JSON, with other secrets, addresses and accounts in it.

A value is replaced by one of its shape, and always by the same one, so that what belongs together still does. What is
packed into text (JSON, base64, gzip, forms, cookies, JSON Web Tokens) is unpacked, and packed again where it changed.
"""

from __future__ import annotations

import re
from fnmatch import translate
from functools import partial
from hashlib import shake_256
from ipaddress import ip_address
from os import urandom
from string import ascii_lowercase as _lower, ascii_uppercase as _upper, digits
from typing import Any
from urllib.parse import quote

from lambdarouter.testing.packing import Unpacked, unpacked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Redaction"]

# By the end of a name, in lower case and without what is no letter: `X-Amz-Security-Token`, `clientSecret`.
_SECRET_ENDS = (
    "accesskey",
    "accesskeyid",
    "apikey",
    "apikeyid",
    "authorization",
    "authorizationcode",
    "challengeanswer",
    "credential",
    "passphrase",
    "passwd",
    "password",
    "privatechallengeparameter",
    "privatekey",
    "secret",
    "secretkey",
    "secretstring",
    "signature",
    "token",
)
_SECRETS = {"auth", "cvc", "cvv", "otp", "passcode", "pin", "pwd", "ssn"}
_COOKIES = {"cookie", "setcookie"}
_COOKIE_ATTRIBUTES = {"domain", "expires", "maxage", "path", "samesite"}
_SCHEME = re.compile(r"(basic|bearer|digest|negotiate|token|aws4-hmac-sha256)\s+", re.IGNORECASE)
_SHORTEST, _LONGEST = 6, 2048  # of a secret that is looked for elsewhere, too
_DEEPEST = 12  # of what is packed in one another

# Every alternative begins where a run of its characters begins, or is of a bounded length: no text is slow.
_PAIR = re.compile(r"(?<![\w.-])([\w.-]+)((?:\]|%5[Dd])?(?:=|%3D))([^&;,\s\"'<>=]+=*)")
# A field of a form with files; its content ends before the next boundary.
_FIELD = re.compile(
    r"(name=\"([^\"\r\n]{1,200})\"(?:[^\r\n]{0,200}\r?\n){1,4}?\r?\n)(.{1,2048}?)(?=\r?\n--)", re.IGNORECASE | re.DOTALL
)
_PATTERN = re.compile(
    r"(?P<userinfo>(?<=://)[^\s/:@\"']{0,200}:[^\s/@\"']{1,500}(?=@))"
    r"|(?P<email>(?<![\w.+-])(?:[\w.+-]+%2[Bb]){0,3}[\w.+-]+(?:@|%40)[\w-]+(?:\.[\w-]+)+)"
    r"|(?P<uuid>[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})"
    r"|(?P<pem>-----BEGIN[A-Z0-9 %]{1,60}-----[^-]{1,20000}(?=-----END))"
    r"|(?P<jwt>(?<![\w.-])eyJ[\w-]+={0,2}\.[\w-]+={0,2}\.[\w-]*={0,2})"
    r"|(?P<credentials>(?<!\w)(?:[Bb]earer|[Bb]asic) [\w.~+/=-]{8,})"
    r"|(?P<key>(?<![A-Za-z0-9])(?:A3T|ABIA|ACCA|AGPA|AIDA|AKIA|ANPA|AROA|ASIA)[A-Z0-9]{12,}"
    r"|(?<![A-Za-z0-9])(?:gh[a-z]_|glpat-|xox[a-z]-|[a-z]k_(?:live|test)_)[\w-]{10,})"
    r"|(?P<account>(?<!\d)\d{12}(?!\d))"
    r"|(?P<phone>(?<![\w+])\+\d{8,15}(?!\d))"
    r"|(?P<ipv4>(?<![\d.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?!\d))"
    r"|(?P<ipv6>(?<![\w:.])(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}(?![\w:]))"
)


class Redaction:
    r"""What is replaced in a recording. Called with a JSON value, it returns the redacted one.

    Replaced are: values with the names of secrets (`Authorization`, `X-Api-Key`, `password`, `clientSecret` …) and
    cookies' values, wherever they stand; access keys, JSON Web Tokens, private keys and certificates; email addresses,
    IP addresses, account ids and phone numbers. `names`: more names, such as "given_name"; `patterns`: more regular
    expressions, such as r"IBAN \w+". `keep`: globs of values that stay, such as "*@support.example.com", which routes
    name. `key`: a secret text; recordings of one key replace a value alike, those without one only in one process.

    Raises `re.error` for a pattern that is none.
    """

    def __init__(
        self,
        *,
        names: Iterable[str] = (),
        patterns: Iterable[str] = (),
        keep: Iterable[str] = (),
        key: str | None = None,
    ) -> None:
        self._names = {_plain(name) for name in names}
        self._patterns = [re.compile(pattern) for pattern in patterns]
        self._keep = re.compile("|".join(map(translate, keep)) or r"(?!)")
        self._key = urandom(16) if key is None else key.encode()

    def __call__(self, document: Any) -> Any:
        """Redact a JSON value."""
        redacting = _Redacting(self)
        redacting.value(document, "")
        redacting.look_everywhere()
        return redacting.value(document, "")

    def kind(self, name: Any) -> str:
        """What a name says of its value: "secret", "cookies", or nothing ("")."""
        plain = _plain(str(name)).removesuffix("s")
        if plain in _COOKIES:
            return "cookies"
        is_secret = plain.endswith(_SECRET_ENDS) or plain in _SECRETS or plain in self._names
        return "secret" if is_secret or _plain(str(name)) in self._names else ""

    def keeps(self, text: str) -> bool:
        """Whether this value stays."""
        return self._keep.match(text) is not None

    def own(self, text: str) -> str:
        """Replace what the user's patterns find."""
        for pattern in self._patterns:
            text = pattern.sub(lambda found: self._other(found.group()), text)
        return text

    def _other(self, text: str) -> str:
        return text if self.keeps(text) else self.scrambled(text)

    def like(self, kind: str, text: str) -> str:
        """Another of a kind: addresses are of those that are for examples."""
        if kind == "email":
            at = "@" if "@" in text else "%40"
            plain = text.replace("%40", "@").replace("%2B", "+").replace("%2b", "+")
            return f"user-{self._number(plain, 16**8):08x}{at}example.com"
        if kind == "ipv4":  # 198.18.0.0/15, RFC 2544
            number = self._number(text, 2**17)
            return f"198.{18 + (number >> 16)}.{number >> 8 & 255}.{number & 255}"
        if kind == "ipv6":
            number = self._number(text, 2**32)
            return f"2001:db8::{number >> 16:x}:{number & 0xFFFF:x}" if _is_ipv6(text) else text
        if kind == "phone":  # +999 is no country
            return f"+999{self.scrambled(text[4:])}"
        # An access key's prefix says what it is of; the dashes of a certificate, where it begins.
        head = text.rindex("-----") + 5 if kind == "pem" else 4 if kind == "key" else 0
        return text[:head] + self.scrambled(text[head:])

    def scrambled(self, text: str) -> str:
        """Text of the same shape: a digit for a digit, a letter for a letter; what was hexadecimal still is."""
        if not any(map(str.isalnum, text)):
            return text
        made, seed = text, self._key + text.encode("utf-8", "surrogatepass")
        while made == text:
            seed += b"."
            made = "".join(map(_like, text, shake_256(seed).digest(len(text))))
        return made

    def _number(self, text: str, below: int) -> int:
        return int.from_bytes(shake_256(self._key + text.encode("utf-8", "surrogatepass")).digest(8)) % below


def _are_octets(value: list[Any]) -> bool:
    return bool(value) and all(type(each) is int and -129 < each < 256 for each in value)  # noqa: PLR2004


def _plain(name: str) -> str:
    return "".join(character for character in name.lower() if character.isalnum())


def _is_ipv6(text: str) -> bool:
    """Times and names have colons, too."""
    try:
        ip_address(text)
    except ValueError:
        return False
    return sum(map(str.isalnum, text)) >= 4  # noqa: PLR2004 - what is shorter names nobody, such as ::1


_KINDS = {each: kind for kind in (digits, "abcdef", "ABCDEF", _lower[6:], _upper[6:]) for each in kind}


def _like(character: str, noise: int) -> str:
    """Another character of a kind."""
    kind = _KINDS.get(character) or (_lower if character.isalnum() else character)
    return kind[noise % len(kind)]


class _Redacting:
    """The redaction of one document: twice, as the secrets that are found by their names may stand elsewhere."""

    def __init__(self, redaction: Redaction) -> None:
        self._redaction = redaction
        self._known: dict[str, str] = {}
        # What was redacted before: the records of a batch have much in common.
        self._kinds: dict[str, str] = {}
        self._texts: dict[tuple[str, str], str] = {}
        self._everywhere: re.Pattern[str] | None = None
        self._depth = 0

    def look_everywhere(self) -> None:
        """Look for the secrets that are known by now in all that follows."""
        self._texts.clear()
        found = sorted((text for text in self._known if _SHORTEST <= len(text) <= _LONGEST), key=len, reverse=True)
        if found:
            self._everywhere = re.compile("|".join(map(re.escape, found)))

    def value(self, value: Any, kind: str) -> Any:
        """Redact a value that stands under a name of this kind."""
        if isinstance(value, str):
            made = self._texts.get((value, kind))
            if made is None:
                made = self._texts[value, kind] = self.text(value, kind)
            return made
        if isinstance(value, dict):
            return {self._name(name): self.value(each, self._kind(value, name, kind)) for name, each in value.items()}
        if isinstance(value, list):
            return self._octets(value, kind) if _are_octets(value) else [self.value(each, kind) for each in value]
        if kind == "secret" and type(value) is int:
            return int("1" + self._redaction.scrambled(str(abs(value)))[1:])
        return 0.5 if kind == "secret" and type(value) is float else value

    def text(self, text: str, kind: str) -> str:
        """Redact text, and what is packed into it."""
        if kind == "cookies":
            return "; ".join(map(self._cookie, text.split("; ")))
        packed = unpacked(text) if self._depth < _DEEPEST else None
        if packed is not None:
            return self._repacked(packed, text, "secret" if packed.is_token else kind)
        return self._secret(text) if kind == "secret" else self._found(text)

    def _name(self, name: str) -> str:
        """A member's name, in which an address may be; what is a secret elsewhere may be AWS's name here."""
        return _PATTERN.sub(partial(self._replaced, is_binary=False), name)

    def _kind(self, parent: dict[str, Any], name: str, inherited: str) -> str:
        """The kind of a member. Of a pair of "name" and "value", the one says what the other is."""
        lowered = name.lower()
        if lowered in ("name", "key") and inherited and any(str(each).lower() == "value" for each in parent):
            return ""
        if lowered in ("value", "values"):
            called = next((each for key, each in parent.items() if str(key).lower() in ("name", "key")), "")
            inherited = inherited or self._redaction.kind(called)
        if inherited:
            return inherited
        kind = self._kinds.get(name)
        if kind is None:
            kind = self._kinds[name] = self._redaction.kind(name)
        return kind

    def _repacked(self, packed: Unpacked, text: str, kind: str) -> str:
        if packed.is_binary:
            # Of the same length: whatever it is, it may say how long its parts are.
            redacted = packed.content if kind == "secret" else self._found(packed.content, is_binary=True)
        else:
            self._depth += 1
            redacted = self.value(packed.content, kind)
            self._depth -= 1
        if redacted != packed.content:
            made = packed.pack(redacted)
            if kind == "secret":
                self._know(text, made)
            return made
        return self._secret(text) if kind == "secret" else self._found(text)

    def _octets(self, value: list[int], kind: str) -> list[int]:
        """A list of bytes, as Kafka's headers have them (Java's are signed)."""
        text = bytes(each % 256 for each in value).decode("latin-1")
        redacted = self._redaction.scrambled(text) if kind == "secret" else self._found(text, is_binary=True)
        if redacted == text:
            return value
        return [each - 256 if min(value) < 0 and each > 127 else each for each in redacted.encode("latin-1")]  # noqa: PLR2004

    def _cookie(self, pair: str) -> str:
        name, equals, value = pair.partition("=")
        if _plain(name) in _COOKIE_ATTRIBUTES:
            return pair
        return f"{name}{equals}{self._secret(value)}" if equals else pair

    def _secret(self, text: str) -> str:
        """Another secret; "Bearer" before it stays."""
        scheme = _SCHEME.match(text) if self._depth < _DEEPEST else None
        if scheme is not None:
            self._depth += 1
            redacted = scheme.group() + self.text(text[scheme.end() :], "secret")
            self._depth -= 1
            self._know(text, redacted)
            return redacted
        if not text or self._redaction.keeps(text):
            return text
        if text not in self._known:
            self._know(text, self._redaction.scrambled(text))
        return self._known[text]

    def _know(self, text: str, made: str) -> None:
        self._known[text] = made
        encoded = quote(text, safe="", errors="surrogatepass")
        self._known[encoded] = quote(made, safe="", errors="surrogatepass")

    def _found(self, text: str, *, is_binary: bool = False) -> str:
        """Replace what is found in text: what is known to be secret, and what looks like it."""
        made: set[str] = set()  # which is not to be replaced again

        def known(found: re.Match[str]) -> str:
            other = self._known[found.group()]
            made.add(other)
            return other

        if self._everywhere is not None:
            text = self._everywhere.sub(known, text)
        text = self._redaction.own(text)
        text = _PAIR.sub(partial(self._pair, made=made), text)
        text = _FIELD.sub(partial(self._field, made=made), text)
        return _PATTERN.sub(partial(self._replaced, is_binary=is_binary), text)

    def _pair(self, found: re.Match[str], made: set[str]) -> str:
        name, equals, value = found.groups()
        if value in made or self._redaction.kind(name) != "secret":
            return found.group()
        return f"{name}{equals}{self._secret(value)}"

    def _field(self, found: re.Match[str], made: set[str]) -> str:
        head, name, value = found.groups()
        if value in made or self._redaction.kind(name) != "secret":
            return found.group()
        return f"{head}{self._secret(value)}"

    def _replaced(self, found: re.Match[str], *, is_binary: bool) -> str:
        """Something else of what was found."""
        kind, text = found.lastgroup, found.group()
        if kind == "uuid" or self._redaction.keeps(text):
            return text
        if is_binary:
            return self._redaction.scrambled(text)
        if kind in ("jwt", "credentials"):
            return self.text(text, "secret")
        return self._redaction.like(kind or "", text)
