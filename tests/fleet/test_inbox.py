"""Sets that arrive piece by piece: whole or not at all."""

import shutil
from pathlib import Path

import pytest

from cloudgauge.errors import StoreError
from cloudgauge.fleet.inbox import PIECE_BYTES, Inbox, Piece
from cloudgauge.fleet.messages import Asked, Offer, OfferedFile
from cloudgauge.store.checksums import read_checksums
from cloudgauge.store.folder import CHECKSUMS, sha256_of
from cloudgauge.store.verify import verify
from tests.workflow.campaigns import CAMPAIGN, PER_ROUND, Kept, keep

TOKYO = Kept(vantage="tokyo")


def offer_of(folder: Path, *, name: str | None = None) -> Offer:
    files = (*read_checksums(folder), CHECKSUMS)
    return Offer(
        name=name or folder.name,
        checksums_sha256=sha256_of(folder / CHECKSUMS),
        files=tuple(
            OfferedFile(name=file, size_bytes=(folder / file).stat().st_size)
            for file in files
        ),
    )


def next_piece(folder: Path, asked: Asked, *, peer: str = "tokyo") -> Piece:
    content = (folder / asked.file).read_bytes()[asked.offset_bytes :][:PIECE_BYTES]
    return Piece(
        peer=peer,
        name=folder.name,
        file=asked.file,
        offset_bytes=asked.offset_bytes,
        content=content,
    )


def sent(inbox: Inbox, folder: Path, asked: Asked, *, peer: str = "tokyo") -> Asked:
    while asked.file:
        asked = inbox.piece(next_piece(folder, asked, peer=peer))
    return asked


def test_a_set_arrives_whole_and_is_not_asked_for_again(tmp_path: Path) -> None:
    folder = keep(tmp_path / "there", TOKYO)
    inbox = Inbox(tmp_path / "here", CAMPAIGN)

    assert sent(inbox, folder, inbox.offered("tokyo", offer_of(folder))).held

    assert inbox.held() == (folder.name,)
    verify(inbox.parts / folder.name)
    assert inbox.offered("tokyo", offer_of(folder)) == Asked(held=True)


def test_what_came_before_a_break_is_not_sent_again(tmp_path: Path) -> None:
    folder = keep(tmp_path / "there", TOKYO)
    first = Inbox(tmp_path / "here", CAMPAIGN)
    asked = first.offered("tokyo", offer_of(folder))
    asked = first.piece(next_piece(folder, asked))

    again = Inbox(tmp_path / "here", CAMPAIGN)
    assert again.offered("tokyo", offer_of(folder)) == asked
    assert sent(again, folder, asked).held


def test_a_piece_that_comes_twice_is_there_once(tmp_path: Path) -> None:
    folder = keep(tmp_path / "there", TOKYO)
    inbox = Inbox(tmp_path / "here", CAMPAIGN)
    piece = next_piece(folder, inbox.offered("tokyo", offer_of(folder)))
    inbox.piece(piece)

    assert sent(inbox, folder, inbox.piece(piece)).held


def test_a_set_that_came_damaged_is_wanted_again_from_its_beginning(
    tmp_path: Path,
) -> None:
    folder = keep(tmp_path / "there", TOKYO)
    offer = offer_of(folder)
    good = (folder / "manifest.json").read_bytes()
    (folder / "manifest.json").write_bytes(good.replace(b"1", b"2"))
    inbox = Inbox(tmp_path / "here", CAMPAIGN)

    asked = sent(inbox, folder, inbox.offered("tokyo", offer))

    assert "came damaged, and is wanted again" in asked.refused
    assert "manifest.json was changed" in asked.refused
    assert inbox.held() == ()
    (folder / "manifest.json").write_bytes(good)
    assert sent(inbox, folder, inbox.offered("tokyo", offer)).held


def test_another_set_of_a_name_that_is_there_is_refused_and_changes_nothing(
    tmp_path: Path,
) -> None:
    folder = keep(tmp_path / "there", TOKYO)
    inbox = Inbox(tmp_path / "here", CAMPAIGN)
    sent(inbox, folder, inbox.offered("tokyo", offer_of(folder)))
    other = keep(tmp_path / "elsewhere", Kept(vantage="tokyo", digit="b"))

    asked = inbox.offered("tokyo", offer_of(other, name=folder.name))

    assert asked.refused.endswith("another set of this name was delivered before")
    verify(inbox.parts / folder.name)


@pytest.mark.parametrize(
    ("peer", "campaign", "problem"),
    [
        ("frankfurt", CAMPAIGN, "is of vantage tokyo, and frankfurt sent it"),
        ("tokyo", "d" * 32, "is no part of this campaign"),
    ],
)
def test_a_set_of_another_vantage_or_campaign_is_refused(
    tmp_path: Path, peer: str, campaign: str, problem: str
) -> None:
    folder = keep(tmp_path / "there", TOKYO)
    inbox = Inbox(tmp_path / "here", campaign)

    asked = sent(inbox, folder, inbox.offered(peer, offer_of(folder)), peer=peer)

    assert problem in asked.refused
    assert inbox.held() == ()


@pytest.mark.parametrize(
    ("name", "files", "problem"),
    [
        ("../away", ("SHA256SUMS",), "is no name of a set"),
        ("a-set", ("../x", "SHA256SUMS"), "holds a name that is not allowed"),
        ("a-set", ("lock", "SHA256SUMS"), "which is no part of a set"),
        ("a-set", ("SHA256SUMS", "SHA256SUMS"), "offers a file twice"),
        ("a-set", ("manifest.json",), "has no SHA256SUMS"),
    ],
)
def test_an_offer_that_leads_out_of_the_folder_is_refused(
    tmp_path: Path, name: str, files: tuple[str, ...], problem: str
) -> None:
    inbox = Inbox(tmp_path / "here", CAMPAIGN)
    offer = Offer(
        name=name,
        checksums_sha256="0" * 64,
        files=tuple(OfferedFile(name=file, size_bytes=1) for file in files),
    )

    with pytest.raises(StoreError, match=problem):
        inbox.offered("tokyo", offer)


def test_more_than_was_offered_is_refused(tmp_path: Path) -> None:
    folder = keep(tmp_path / "there", TOKYO)
    inbox = Inbox(tmp_path / "here", CAMPAIGN)
    asked = inbox.offered("tokyo", offer_of(folder))
    piece = Piece(
        peer="tokyo",
        name=folder.name,
        file=asked.file,
        offset_bytes=0,
        content=b"x" * ((folder / asked.file).stat().st_size + 1),
    )

    with pytest.raises(StoreError, match=r"more of .* came than was offered"):
        inbox.piece(piece)
    stranger = Piece(
        peer="osaka", name=folder.name, file=asked.file, offset_bytes=0, content=b""
    )
    with pytest.raises(StoreError, match="was not offered"):
        inbox.piece(stranger)


def test_what_a_worker_has_lost_and_we_have_is_told_as_spans(tmp_path: Path) -> None:
    folder = keep(tmp_path / "there", TOKYO)
    inbox = Inbox(tmp_path / "here", CAMPAIGN)
    shutil.copytree(folder, inbox.parts / folder.name)

    assert inbox.held_beyond("tokyo", (folder.name,)).spans == ()
    assert inbox.held_beyond("frankfurt", ()).spans == ()
    assert inbox.held_beyond("tokyo", ()).spans == ((0, 2 * PER_ROUND),)
