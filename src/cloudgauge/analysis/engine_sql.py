"""The statements by which rows are picked; every word in them is this program's own.

They say in SQL what `engine_memory` says in numpy: which rows have a value, which are
only known to be longer, and whose clock it is. A test holds the two together.
"""

from dataclasses import dataclass

from cloudgauge.analysis.metric import Metric
from cloudgauge.analysis.timeouts import LONGER_KINDS, TIMEOUTS
from cloudgauge.model.sample import ClockKind

REPLICAS = 256
_FAMILIES = 2
_NS_PER_HOUR = 3_600 * 10**9
_FILE = "read_parquet($file, hive_partitioning = false)"
LEAST_SQL = f"SELECT min(connect_ns) AS ns, min(connect_rtt_us) AS us FROM {_FILE}"  # noqa: S608  constants
"""The least of what no set of ours has below 0, in downloads too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How a set is to be read.

    Attributes:
        has_part: Its rows say what of a download they are: of version 2.
        has_warm: Its first byte is that of warm requests.
        has_times: The wall clock decides in which cell a sample is.
        kernel: Values by the kernel's clock are wanted,
        program: and those by the program's.
        is_silent: An import without a first byte.
    """

    metric: Metric
    has_part: bool
    has_warm: bool
    is_imported: bool
    has_times: bool
    kernel: bool = True
    program: bool = True
    is_silent: bool = False


def silent_sql(reading: Reading) -> str:
    """How many first bytes there are."""
    return f"SELECT count(first_byte_ns) AS bytes FROM ({_latency(reading)})"  # noqa: S608  constants


def groups_sql(reading: Reading) -> str:
    """What is counted of each series and kind of failure, and hour if that is asked."""
    kernel, program = _kernel(reading), _program(reading)
    usable = _usable(reading)
    wall = "min(wall_ns) AS least_ns, max(wall_ns) AS most_ns,"
    return f"""
        SELECT target_id, family, replica, failure, {_hour(reading)} AS hour,
            {wall if reading.has_times else ""}
            count(*) FILTER (exchange = 0) AS visits,
            count(*) AS samples,
            count(*) FILTER (exchange = 0 AND syn_retransmits > 0) AS resent,
            count({program}) FILTER ({usable}) AS by_program,
            count({kernel}) FILTER ({usable}) AS by_kernel,
            max({kernel}) FILTER ({usable}) AS most_us,
            min(round_index) AS first_round
        FROM ({_latency(reading)})
        GROUP BY target_id, family, replica, failure, hour
    """  # noqa: S608  constants


def rows_sql(reading: Reading) -> str:
    """The values, and what is only known to be longer, in the order of the file.

    Words become numbers after rows are picked: of most files a fifth is left.
    """
    kernel, program, usable = _kernel(reading), _program(reading), _usable(reading)
    longer = _longer(reading)
    wanted = [
        f"{column} IS NOT NULL"
        for column, asked in ((kernel, reading.kernel), (program, reading.program))
        if asked
    ]
    return f"""
        SELECT (enum_code(target_id::target_word)::BIGINT * {_FAMILIES}
                + enum_code(family::family_word)) * {REPLICAS} + replica AS series,
            {_hour(reading)} AS hour, round_index,
            coalesce({kernel if reading.kernel else "NULL"}, -1)::BIGINT AS kernel_us,
            coalesce({program if reading.program else "NULL"}, -1)::BIGINT
                AS program_ns,
            coalesce({longer}, false) AS longer
        FROM ({_latency(reading)})
        WHERE ({usable} AND ({" OR ".join(wanted)})) OR {longer}
    """  # noqa: S608  constants


def _hour(reading: Reading) -> str:
    return f"wall_ns // {_NS_PER_HOUR}" if reading.has_times else "0"


def _latency(reading: Reading) -> str:
    wall = ", $started::BIGINT + sent_ns + wall_offset_ns AS wall_ns"
    columns = f"*{wall}" if reading.has_times else "*"
    where = "WHERE part IS NULL" if reading.has_part else ""
    return f"SELECT {columns} FROM {_FILE} {where}"  # noqa: S608  constants


def _kernel(reading: Reading) -> str:
    """What the kernel's clock read, microseconds; of first bytes only whose it is."""
    if reading.metric is Metric.CONNECT:
        return "connect_rtt_us"
    if reading.metric is Metric.FIRST_BYTE:
        # The time itself is in the other column.
        return f"CASE WHEN clock <> '{ClockKind.USER.value}' THEN first_byte_ns END"
    return "NULL::BIGINT"


def _program(reading: Reading) -> str:
    return {
        Metric.CONNECT: "connect_ns",
        Metric.TLS: "tls_ns",
        Metric.FIRST_BYTE: "first_byte_ns",
    }[reading.metric]


def _usable(reading: Reading) -> str:
    """Which rows' values count."""
    if reading.metric is Metric.CONNECT:
        return "failure IS NULL AND exchange = 0 AND coalesce(syn_retransmits, 0) <= 0"
    warm = reading.metric is Metric.FIRST_BYTE and reading.has_warm
    return f"failure IS NULL AND exchange {'<>' if warm else '='} 0"


def _longer(reading: Reading) -> str:
    kinds = TIMEOUTS if reading.is_imported else LONGER_KINDS[reading.metric]
    if reading.is_imported:
        measured = Metric.CONNECT if reading.is_silent else Metric.FIRST_BYTE
        if reading.metric is not measured:
            return "false"
    words = ", ".join(f"'{kind.value}'" for kind in kinds)
    found = f"failure IN ({words})"
    if reading.metric is Metric.FIRST_BYTE:
        found = f"{found} AND first_byte_ns IS NULL"
    warm = reading.metric is Metric.FIRST_BYTE and reading.has_warm
    return f"({found})" if warm else f"({found} AND exchange = 0)"
