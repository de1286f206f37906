"""The one exception a stage may raise on purpose."""


class Reject(Exception):
    """This delivery is no article; `reason` is one of a few words, `detail` tells what was found.

    Reasons stand on the wire: add, never rename.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail
