"""Which way what was asked of ``run`` is carried out: once, in parts, or for ever."""

from cloudgauge.cli.carrying_out import Asked, carry_out, plan_asked_for
from cloudgauge.cli.means import Means
from cloudgauge.cli.monitor_options import Monitoring
from cloudgauge.cli.output import Output, exit_codes


def run_asked(asked: Asked, means: Means, monitoring: Monitoring, out: Output) -> None:
    """Carry out what was asked for, and end with the exit code that says how it went.

    Raises:
        typer.Exit: Unless it went well.
    """
    with exit_codes():
        from cloudgauge.workflow.pinning import is_pin

        monitoring.check()
        if monitoring.forever:
            from cloudgauge.cli.monitoring import monitor_asked

            monitor_asked(asked, means, monitoring, out)
        elif is_pin(asked.plan):
            from cloudgauge.cli.pinned import carry_out_pin

            carry_out_pin(asked, means, out)
        else:
            carry_out(plan_asked_for(asked, means), means, out)
