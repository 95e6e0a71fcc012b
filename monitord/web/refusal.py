"""The answer is no: for whoever asks, what is wrong and what would be right."""


class No(Exception):
    """`where` names the part of the request that it is about, if it is about one."""

    def __init__(self, status: int, what: str, remedy: str = "", where: str = "") -> None:
        super().__init__(what)
        self.status, self.what, self.remedy, self.where = status, what, remedy, where
