"""Walks a schedule: task group, throttle, ceilings, sink."""

from cloudgauge.measure.prober import Prober, SampleSink, Visit

__all__ = ["Prober", "SampleSink", "Visit"]
