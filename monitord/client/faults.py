"""What can go wrong between us and the daemon; each knows the exit code of a command that ends with it."""


class ClientFault(Exception):
    """The text is the sentence for whoever asked; `remedy` says what would help."""

    exit_code = 1

    def __init__(self, sentence: str, remedy: str = "") -> None:
        super().__init__(f"{sentence}; {remedy}" if remedy else sentence)
        self.sentence, self.remedy = sentence, remedy


class Refused(ClientFault):
    """The daemon understood, and the answer is no; nothing has changed."""


class WrongUse(ClientFault):
    """What was asked cannot be asked like that."""

    exit_code = 2


class DaemonUnreachable(ClientFault):
    """No answer: there is no daemon, we may not speak to it, or it cannot store anything now."""

    exit_code = 3
