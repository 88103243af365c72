"""The table of failures: what went wrong elsewhere, what stands against it here, and the test that proves it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

TESTS = Path(__file__).parent.parent


class Failure(NamedTuple):
    """One way to lose mail: what happens, our guard, its proofs as `file::test`, and what waits for later work."""

    number: int
    what: str
    guard: str
    proofs: tuple[str, ...]
    waits: str = ""


FAILURES = (
    Failure(
        1, "an empty source",
        "a roster of nobody, or less than the last signed one, is doubtful; whoever is missing has not left",
        (
            "acceptance/test_bad_input.py::test_a_roster_of_nobody_is_doubtful",
            "acceptance/test_rows_put_in.py::test_the_roster_to_compare_with_is_the_one_the_agent_signed",
            "properties/test_cut_sources.py::test_cut_at_every_byte",
            "properties/test_laws.py::test_a_cut_roster_never_takes_a_mailbox_that_the_whole_one_leaves",
        ),
    ),
    Failure(
        2, "an error taken for absence",
        "a read is complete or it is an error; only a complete one becomes a snapshot",
        (
            "faults/test_directory_reads.py::test_a_spoilt_read_is_whole_or_an_error",
            "unit/core/test_lifecycle.py::test_a_known_account_that_is_gone_is_not_issued_again",
        ),
    ),
    Failure(
        3, "a paged read that was cut",
        "own paging: every page ends with code 0 and a cookie, the last with an empty one; a second count agrees",
        (
            "contract/test_ldap_reads.py::test_a_limit_of_openldap_is_never_a_whole_read",
            "contract/test_quirky.py::test_a_page_is_never_larger_than_the_limit",
            "contract/test_slapd.py::test_an_export_that_ended_early_is_doubtful",
        ),
    ),
    Failure(
        4, "a read that is no moment",
        "the server's change numbers before and after; what changed meanwhile is read again until it rests",
        (
            "contract/test_live.py::test_what_changes_while_it_is_read_is_read_again",
            "contract/test_live.py::test_a_directory_that_does_not_rest_is_doubtful",
        ),
    ),
    Failure(
        5, "referrals",
        "never followed; places elsewhere are told",
        ("contract/test_ldap_reads.py::test_places_elsewhere_are_told",),
    ),
    Failure(
        6, "one change that hits everybody",
        "brakes over the plan, per kind and per unit, again before the first write",
        (
            "unit/core/test_brakes.py::test_the_limits_are_those_of_the_design",
            "unit/core/test_brakes.py::test_brakes_that_tightened_since_the_plan_stop_the_first_write",
            "acceptance/test_work.py::test_a_tripped_brake_holds_the_plan_until_its_exact_count_is_accepted",
        ),
    ),
    Failure(
        7, "many small changes",
        "windows of a day, a week and a month, counted from the audit log",
        (
            "unit/core/test_brakes.py::test_many_small_plans_are_one_large_one",
            "unit/core/test_brakes.py::test_the_windows_equal_an_independent_count",
            "properties/test_brakes.py::test_the_brakes_equal_the_oracle",
            "contract/test_watch.py::test_what_was_done_lately_is_counted_from_the_audit_log",
        ),
    ),
    Failure(
        8, "one account taken for another's",
        "key, stamp and ledger agree, or nobody acts on it",
        (
            "unit/core/test_match.py::test_an_account_of_two_people_is_nobodys",
            "unit/core/test_match.py::test_two_accounts_of_one_person_are_both_left_alone",
        ),
    ),
    Failure(
        9, "replication that lags: made twice",
        "one server for a run; a create has its own identity, and every server is asked before it is made again",
        ("contract/test_promises.py::test_a_repeated_create_makes_one_account",),
    ),
    Failure(
        10, "a database put back",
        "server, database and change numbers are kept; what goes back is read whole",
        (
            "faults/test_rollback.py::test_change_numbers_that_are_used_again_are_noticed",
            "acceptance/test_servers.py::test_a_server_that_was_put_back_stops_the_run_until_somebody_lets_it_pass",
            "contract/test_live.py::test_a_snapshot_says_which_state_of_which_server_it_is",
        ),
    ),
    Failure(
        11, "a clock that is wrong",
        "clocks agree to a minute, runs saw the account closed, a jump needs an approval by name",
        (
            "faults/test_clocks.py::test_clocks_that_differ_write_nothing",
            "faults/test_clocks.py::test_time_that_runs_backwards_stops_everything",
            "faults/test_faked_time.py::test_a_machine_with_a_wrong_clock_writes_nothing",
            "properties/test_time.py::test_no_clock_brings_a_deletion_forward",
            "unit/core/test_guard.py::test_a_deletion_waits_until_enough_runs_saw_the_mailbox_closed",
        ),
    ),
    Failure(
        12, "text that is not what it seems",
        "NFC at the edge, legacy encodings only where declared, names compared in folded form",
        (
            "properties/test_names.py::test_composition_case_and_tones_never_make_another_person_of_a_name",
            "unit/connectors/roster/test_legacy.py::test_a_file_of_undeclared_text_is_noticed",
            "contract/test_promises.py::test_a_name_that_differs_in_marks_only_is_taken",
        ),
    ),
    Failure(
        13, "names that are filters or DNs",
        "escaped in one place; what was written is read back by identity and compared exactly",
        ("faults/test_hostile_names.py::test_a_hostile_name_is_found_exactly_or_refused",),
    ),
    Failure(
        14, "an action half done",
        "each action is guarded as a whole, its steps are settled by reading",
        (
            "contract/test_promises.py::test_an_action_is_carried_out_whole_or_not_at_all",
            "contract/test_promises.py::test_an_answer_can_be_lost_at_every_step",
            "faults/test_random_kills.py::test_killed_at_a_step_and_planned_anew",
            "unit/connectors/test_mailed.py::test_a_saga_cut_between_the_two_leaves_the_mailbox_to_be_done",
            "unit/connectors/test_mailed.py::test_a_deletion_cut_after_the_purge_goes_on_with_the_entry",
        ),
    ),
    Failure(
        15, "an address given to somebody else",
        "every address ever issued is remembered and never issued to another person",
        (
            "properties/test_laws.py::test_no_address_is_ever_issued_to_two_people",
            "unit/core/test_addresses.py::test_an_address_belongs_to_whoever_held_it_first_and_alone",
        ),
    ),
    Failure(
        16, "an administrator's account",
        "protection through groups in groups, at plan and again at apply",
        (
            "contract/test_active_directory.py::test_a_protected_account_is_seen_and_never_deleted",
            "acceptance/test_holds.py::test_an_account_that_became_protected_after_the_approval_is_left_alone",
        ),
    ),
    Failure(
        17, "a bind without a password",
        "refused before the network; who we are is asked afterwards",
        ("contract/test_ldap_session.py::test_openldap_says_who_we_are",),
    ),
    Failure(
        18, "a cell that is a formula",
        "guarded in CSV, text in workbooks",
        (
            "unit/report/test_as_table.py::test_no_cell_of_a_csv_is_a_formula",
            "unit/report/test_as_table.py::test_every_cell_of_a_workbook_is_a_text",
        ),
    ),
    Failure(
        19, "a file that is a bomb",
        "sizes are looked at before anything is unpacked",
        ("unit/connectors/roster/test_archive.py::test_a_bomb_is_refused_at_once",),
    ),
    Failure(
        20, "a path that leads elsewhere",
        "regular files named in the configuration only; no file is chosen by data",
        ("unit/connectors/roster/test_file.py::test_what_is_no_regular_file_is_refused",),
    ),
    Failure(
        21, "a host named by data",
        "servers come from the configuration only; referrals are not followed",
        ("contract/test_ldap_reads.py::test_places_elsewhere_are_told",),
        "the console",
    ),
    Failure(
        22, "markup in a name",
        "templates escape everything; a page asks for nothing and allows one script",
        (
            "browser/test_report.py::test_hostile_data_creates_nothing",
            "unit/report/test_as_html.py::test_no_template_marks_anything_safe",
        ),
    ),
    Failure(
        23, "secrets in what is written",
        "no password, identity number or birth date leaves the memory",
        (
            "acceptance/test_canaries.py::test_no_byte_holds_a_canary",
            "acceptance/test_privacy.py::test_nothing_secret_is_shown_or_kept",
        ),
    ),
    Failure(
        24, "a command put together from data",
        "one constant script; parameters are values, in base64",
        (
            "faults/test_exchange_strings.py::test_hostile_strings_arrive_as_they_are",
            "unit/test_exchange_script.py::test_it_follows_the_grammar_and_says_nothing_that_is_built",
        ),
    ),
    Failure(
        25, "an edit between plan and write",
        "every write states what it expects; the server refuses it otherwise",
        (
            "contract/test_live.py::test_an_edit_between_reading_and_writing_is_never_overwritten",
            "faults/test_writers.py::test_four_writers_and_a_human_lose_no_edit",
        ),
    ),
    Failure(
        26, "an old plan again",
        "a plan is applied once, in the order of serials, within a day, for one state",
        (
            "acceptance/test_work.py::test_an_approval_is_good_for_once",
            "acceptance/test_work.py::test_an_older_plan_is_overtaken",
            "faults/test_signatures.py::test_every_plan_of_the_past_replayed_in_every_state_does_nothing",
            "faults/test_signatures.py::test_every_change_of_a_byte_of_a_plan_is_refused",
        ),
    ),
    Failure(
        27, "two agents at once",
        "one holds the lease; an intent counts only under its epoch",
        (
            "faults/test_crash_points.py::test_an_apply_that_still_runs_is_not_settled_by_others",
            "faults/test_two_hosts.py::test_the_other_takes_over_at_every_step",
            "faults/test_many_hosts.py::test_two_to_five_agents_have_one_effect",
        ),
    ),
    Failure(
        28, "a control that hides a stale value",
        "permissive modify is never sent",
        ("contract/test_ldap_writes.py::test_a_stale_value_refuses_the_whole_change",),
    ),
    Failure(
        29, "an account without a password",
        "an entry is made with its password in one request, then looked at; none is enabled without one",
        (
            "contract/test_live.py::test_a_new_account_logs_in_and_must_change_its_password",
            "contract/test_quirky.py::test_an_account_without_a_password_is_not_enabled",
        ),
    ),
    Failure(
        30, "a log that was cut or put back",
        "a hash chain, with signed checkpoints kept in a second place",
        (
            "faults/test_audit_log.py::test_every_harm_is_found",
            "faults/test_audit_log.py::test_every_single_record_counts",
            "acceptance/test_audit.py::test_on_a_restored_backup_nothing_is_decided_and_everything_is_read",
            "acceptance/test_audit.py::test_a_state_that_was_thrown_away_is_missed",
            "acceptance/test_restore_drill.py::test_the_drill_proves_a_backup_of_a_file",
            "acceptance/test_audit.py::test_what_others_did_in_the_directory_is_listed",
            "acceptance/test_against_servers.py::test_what_others_did_on_a_server_is_listed_and_nothing_else",
        ),
    ),
    Failure(
        31, "a full disk",
        "nothing is sent that could not be written down first",
        (
            "unit/connectors/ldif/test_client.py::test_a_full_disk_fails_every_action",
            "unit/connectors/ldif/test_write.py::test_a_disk_that_fails_leaves_the_old_file",
            "faults/test_syscalls.py::test_a_disk_that_is_full_or_breaks",
        ),
    ),
    Failure(
        32, "one person approving twice",
        "two registered people with keys of their own, neither of them who asked",
        (
            "unit/core/test_approval.py::test_one_person_is_never_two",
            "acceptance/test_approvers.py::test_nobody_signs_for_somebody_else",
            "acceptance/test_approvers.py::test_whoever_asked_for_a_deletion_does_not_approve_it",
            "acceptance/test_rows_put_in.py::test_whoever_asked_from_a_mailbox_does_not_approve_the_deletion",
        ),
    ),
    Failure(
        33, "an answer that was lost",
        "unknown until read; never repeated",
        (
            "contract/test_live.py::test_a_write_without_an_answer_is_found_out_and_taken_up",
            "contract/test_promises.py::test_what_has_happened_is_found_by_reading",
            "unit/connectors/test_mailed.py::test_a_lost_answer_about_a_mailbox_is_found_by_reading",
            "acceptance/test_recycle_bin.py::test_a_deleted_mailbox_comes_back",
        ),
    ),
)  # fmt: skip


def missing(failure: Failure) -> list[str]:
    """Return the proofs of a failure that are no tests."""
    return [proof for proof in failure.proofs if not _is_test(*proof.split("::"))]


def _is_test(file: str, name: str) -> bool:
    path = TESTS / file
    return path.exists() and bool(re.search(rf"^def {name}\(", path.read_text(encoding="utf-8"), re.MULTILINE))


def page() -> str:
    """Return the table as a page."""
    lines = [
        "# Failures, guards and proofs",
        "",
        "What went wrong with tools of this kind elsewhere, what stands against it here, and which test proves it",
        "(generated).",
        "",
        "| | failure | guard | proof |",
        "|---|---|---|---|",
    ]
    for failure in FAILURES:
        proofs = "<br>".join(f"`{proof}`" for proof in failure.proofs)
        waits = f"waits for: {failure.waits}" if failure.waits else ""
        shown = "<br>".join(filter(None, (proofs, waits)))
        lines.append(f"| F{failure.number} | {failure.what} | {failure.guard} | {shown} |")
    return "\n".join([*lines, ""])
