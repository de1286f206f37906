"""The clean agent's work: pages to the children, and what their hosts have taught."""

from schemas.letter import CLEAN, Letter
from streams.app.effects import Effects
from streams.app.hosts import TableHosts
from streams.app.kept import Kept
from streams.app.lane import Promise
from streams.children.pool import Children
from streams.steps.learn import LearnStep, host_of_letter


class CleanWork:
    """Letters of raw to letters of clean, or to the two of an early end."""

    def __init__(self, children: Children, kept: Kept) -> None:
        self.kept = kept
        self._children, self._hosts, self._learn = children, TableHosts(kept), LearnStep()

    def begin(self, letter: Letter) -> Promise:
        """Return the future of what a child makes of the letter."""
        return self._children.submit(letter)

    async def prepare(self) -> None:
        """Nothing: a host's state is loaded in a moment."""

    def finish(self, partition: int, offset: int, letter: Letter, begun: tuple[Letter, ...]) -> Effects:
        """Return the letters that follow, and what the page has taught its host."""
        if begun[0].topic != CLEAN:
            return Effects(begun)
        host = host_of_letter(letter)
        state, seq = self._hosts.get(partition, host, offset)
        learnt = self._learn(begun[0], state, seq)
        if learnt.row is None:
            return Effects(learnt.letters)
        return Effects(learnt.letters, self._hosts.fold(partition, host, learnt.row))

    def forget(self) -> None:
        """Forget the states of all hosts."""
        self._hosts.forget()
