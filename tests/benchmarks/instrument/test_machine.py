from benchmarks.instrument.machine import describe_machine, version_in


def test_version_is_found_among_the_words_that_programs_print() -> None:
    assert version_in("blackbox_exporter, version 0.23.0 (branch: x)") == "0.23.0"
    assert version_in("HTTPing v2.5, (C) 2003-2016 someone") == "2.5"
    assert version_in("nginx version: nginx/1.22.1") == "1.22.1"
    assert version_in("no number here") == "of unknown version"


def test_description_names_kernel_and_python() -> None:
    text = describe_machine()
    assert "Linux" in text
    assert "CPython 3." in text
