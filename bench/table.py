# SPDX-License-Identifier: MIT
"""The tables of scripts/bench: on the terminal, and in README.md.

A report is what scripts/bench keeps in bench/results/. Its rows hold for each
of report["sides"] the values of all runs (none where that side has no such
program), and for each side but the first what the first is beside it.
"""
import statistics

BEGIN = "<!-- bench: begin. Written by scripts/bench --readme -->"
END = "<!-- bench: end -->"
NONE_YET = "No figures yet."
NAMES = {"otp": "Erlang/OTP", "caf": "CAF"}


def number(value):
    return "%.0f" % value if value >= 1000 else "%.4g" % value


def middle(values, form=number):
    return form(statistics.median(values)) if values else "-"


# On the terminal

def line(words, sides):
    """A line of the table: words of columns -> text."""
    beside = " %11s %6s %-13s" * (sides - 1)
    form = "%-20s %-13s %11s" + beside + " %12s" * sides
    return (form % tuple(words)).rstrip()


def header(titles):
    words = ["benchmark", "unit", titles[0]]
    for title in titles[1:]:
        words += [title, "ratio", "min..max"]
    return line(words + [title + " cpu/s" for title in titles], len(titles))


def beside(row, title):
    """Ratio and spread -> two words."""
    if title not in row["against"]:
        return ["-", "-"]
    found = row["against"][title]
    return ["%.2f" % found["ratio"], "%.2f..%.2f" % tuple(found["spread"])]


def processor(row, side):
    """Median seconds of processor and of clock of one side's program."""
    if not row.get("cpu") or not row["cpu"][side]:
        return ""
    return "%.2f/%.2f" % (statistics.median(row["cpu"][side]),
                          statistics.median(row["wall"][side]))


def text_row(row, titles):
    words = [row["name"], row["unit"], middle(row["values"][0])]
    for title, values in zip(titles[1:], row["values"][1:]):
        words += [middle(values), *beside(row, title)]
    words += [processor(row, side) for side in range(len(titles))]
    return line(words, len(titles))


# In README.md

def grouped(value):
    """A figure for readers: thousands apart."""
    return "{:,.0f}".format(value) if value >= 1000 else "%.3g" % value


def is_rate(row):
    return row["unit"].endswith("/s")


def times_better(row, title):
    """How many times as good as this side -> median, worst, best pair."""
    found = row["against"].get(title)
    if not found:
        return None
    all_three = [found["ratio"], *found["spread"]]
    if is_rate(row):
        return all_three
    ratio, least, most = (1 / value for value in all_three)
    return [ratio, most, least]


def is_behind(row, title):
    """Judged by what is shown."""
    better = times_better(row, title)
    return better is not None and float("%.2f" % better[0]) < 1


def better_cell(row, title):
    better = times_better(row, title)
    if not better:
        return "-"
    form = "**%.2f** (%.2f-%.2f)" if is_behind(row, title) else \
        "%.2f (%.2f-%.2f)"
    return form % tuple(better)


def readme_group(group, rows, sides, i):
    """The table of one group beside the i-th side."""
    yield "| %s | aktvm | %s | times as good |" % (group, NAMES[sides[i]])
    yield "|---|--:|--:|--:|"
    for row in rows:
        yield "| %s, %s | %s | %s | %s |" % (
            row["name"], row["unit"], middle(row["values"][0], grouped),
            middle(row["values"][i], grouped), better_cell(row, sides[i]))


def score(rows, side):
    """In how many figures we are ahead, and in how many not."""
    compared = [row for row in rows if side in row["against"]]
    behind = sum(is_behind(row, side) for row in compared)
    return "Of %d figures aktvm is ahead of %s, or even, in %d and behind " \
        "in %d." % (len(compared), NAMES[side], len(compared) - behind, behind)


def origin(report, name):
    """Of what, where and when these figures are -> lines."""
    machine = report["machine"]
    workers = report["workers"] or machine["cores"]
    yield "- Figures: `bench/results/%s`, %s, commit `%s`" % (
        name, report["date"][:10], report["commit"])
    yield "- Machine: %s, %d cores, %.0f GB, Linux %s, load %.1f at the " \
        "start" % (machine["cpu"], machine["cores"], machine["memory"] / 1e9,
                   machine["kernel"], machine["load"])
    for side in report["sides"][1:]:
        yield "- Beside: %s" % report["versions"][side]
    yield "- Runs: %d of each side, in turn; %d workers on each side" % (
        report["pairs"], workers)


def readme_text(report, name, groups):
    """What stands between the marks: the tables of {group: benchmarks}."""
    sides = report["sides"]
    yield from origin(report, name)
    for i in range(1, len(sides)):
        there = [row for row in report["rows"]
                 if row["values"][i] or sides[i] == "otp"]
        yield "- " + score(there, sides[i])
        for group, benchmarks in groups.items():
            rows = [row for row in there if row["benchmark"] in benchmarks]
            if rows:
                yield ""
                yield from readme_group(group, rows, sides, i)
        yield ""


def split(page):
    """A page -> what is before, between and after the marks."""
    before, begin, rest = page.partition(BEGIN + "\n")
    between, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError("no lines %s and %s" % (BEGIN, END))
    return before + begin, between, end + after
