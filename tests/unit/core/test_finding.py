"""Findings: the closed sets of the contract."""

from __future__ import annotations

from syncagent.core.finding import FindingCode, Severity


def test_the_codes_are_the_closed_set_of_the_contract() -> None:
    """Contract §5: scripts and help pages rely on these codes."""
    listed = """
        missing-from-roster leaver-without-document needs-order address-clash needs-given-name unregulated-event
        duplicate-person ambiguous-match unknown-unit unmanaged-account protected-account held idle-but-exempt
        forward-outside below-minimum-quota password-overdue default-password-overdue clock-doubt name-not-clean
        successor-missing policy-differs locked-by-directory stamp-differs manual-steps quarantined not-in-force
    """

    assert [str(code) for code in FindingCode] == listed.split()


def test_the_severities_say_what_a_person_does() -> None:
    """Contract §5: decide, look, or take note."""
    assert [str(severity) for severity in Severity] == ["review", "warning", "info"]
