"""Addresses: the canonical form, the site, and the key by which an address identifies an article."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import parse_qsl, urlencode

import can_ada

Aliases = Mapping[str, str]  # of a site that moved: each of its other sites, and the one it is known by
NO_ALIASES: Aliases = MappingProxyType({})

# What advertising and analytics add to an address; none of them selects content.
_TRACKERS = frozenset(
    "fbclid gclid gclsrc dclid gbraid wbraid msclkid yclid ysclid twclid ttclid igshid igsh "
    "li_fat_id mc_cid mc_eid mkt_tok _hsenc _hsmi __hssc __hstc hsctatracking _ga _gl vero_id "
    "wickedid oly_enc_id oly_anon_id rb_clickid s_cid cmpid ns_mchannel ns_source ns_campaign "
    "ns_linkname ns_fee at_medium at_campaign at_custom1 at_custom2 at_custom3 at_custom4 smid ito "
    "xtor spm fb_action_ids fb_source __twitter_impression __s".split()
)
_TRACKER_PREFIXES = ("utm_", "mtm_", "pk_", "piwik_", "hsa_", "wt_mc")
_SITE_PREFIX = re.compile(r"^(?:(?:www\d?|m|mobile|amp)\.)+(?=[^.]+\.)")


def canonical_url(url: str | None) -> str | None:
    """Return the address in WHATWG form without trackers and fragment, its query sorted.

    None where it is no absolute http(s) address. Applying it twice changes nothing.
    """
    if not url:
        return None
    try:
        parsed = can_ada.parse(url.strip())
    except (ValueError, TypeError):  # no URL; or a lone surrogate in it
        return None
    if parsed.protocol not in ("http:", "https:") or not parsed.hostname:
        return None
    parsed.hash = ""
    parsed.username = parsed.password = ""
    if parsed.search:
        pairs = parse_qsl(parsed.search[1:], keep_blank_values=True, errors="surrogateescape")
        kept = sorted(pair for pair in pairs if not _is_tracker(pair[0]))
        parsed.search = urlencode(kept, errors="surrogateescape")
    return str(parsed.href)


def host_of(url: str | None) -> str:
    """Return the host of an http(s) address in ASCII form, empty where there is none."""
    canonical = canonical_url(url)
    return str(can_ada.parse(canonical).hostname) if canonical else ""


def site_of(host: str, aliases: Aliases = NO_ALIASES) -> str:
    """Return the host without the labels by which one site shows itself twice (www., m., amp.).

    Of a site that `aliases` name, the one it is known by.
    """
    site = _SITE_PREFIX.sub("", host)
    return aliases.get(site, site)


def identifying_address(
    url: str | None, canonical_link: str | None, aliases: Aliases = NO_ALIASES
) -> str | None:
    """Return the canonical address that identifies an article.

    A page's own canonical link is believed only on the same site and below its root: otherwise
    anyone could revise another's article, and a broken template would melt a site into one.
    `aliases` of a site are the same site.
    """
    own, claimed = canonical_url(url), canonical_url(canonical_link)
    if claimed is None or own is None:
        return own
    one, other = can_ada.parse(own), can_ada.parse(claimed)
    same_site = site_of(one.hostname, aliases) == site_of(other.hostname, aliases)
    # `/?p=12` is an article only for a site that delivers its articles so.
    is_root = other.pathname == "/" and not (other.search and one.pathname == "/")
    return claimed if same_site and not is_root else own


def address_key(canonical: str, aliases: Aliases = NO_ALIASES) -> str:
    """Return what is hashed of an identifying address: scheme, its port, www. and aliases folded."""
    parsed = can_ada.parse(canonical)
    port = f":{parsed.port}" if parsed.port else ""
    return f"{site_of(parsed.hostname, aliases)}{port}{parsed.pathname}{parsed.search}"


def _is_tracker(name: str) -> bool:
    name = name.lower()
    return name in _TRACKERS or name.startswith(_TRACKER_PREFIXES)
