"""The shell's moving parts: clock, engine, timer, checker, courier, calendar; the core decides."""
