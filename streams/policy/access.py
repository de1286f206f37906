"""Who may be taken: the first stage, before anything is made of a page."""

from streams.draft import Draft
from streams.policy.policy import Policies
from streams.reject import Reject


def check_access(draft: Draft, *, policies: Policies) -> Draft:
    """Return the draft. Raises Reject: `denied` and `needs_review`, where a policy says so.

    What is denied may come without its page: a source that knows need not fetch it.
    """
    source, host = draft.raw.source, draft.host
    access = policies.find(source, host).access
    whom = f"source {source}" + (f", host {host}" if host else "")
    if access == "deny":
        raise Reject("denied", f"by a policy: {whom}")
    if access == "review":
        raise Reject("needs_review", f"by a policy a person looks at it first: {whom}")
    return draft
