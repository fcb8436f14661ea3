# The grid of hours of the calendar

timegrid-all-day = All day
timegrid-slot = New activity: { $day }, { $time }
timegrid-held = Picked up. Arrows carry it, Shift and arrows change its length, Space puts it down, Escape puts it back.
