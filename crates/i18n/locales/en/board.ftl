# The board

board-by-stage = Stage
board-by = Columns:
board-pipelines = Pipelines
board-open-value = Open value
board-more = { $count } more in the list
board-no-stage = Without a stage
board-empty = Nothing in this column.
board-drop-here = Drop here
board-help = Press Space to pick the card up, carry it with the arrow keys, press Space again to drop it; Esc puts it back.
board-no-next = No next step
board-rotting = Over { $days } days in this stage
board-moved = “{ $title }” was moved.
board-into = Move to “{ $stage }”
board-asks = The stage “{ $stage }” asks for this first.
