# After a session has ended in the middle of a form

again-title = You are signed in again
again-lead = What you had typed is still here. Nothing was lost.
again-go = Go on
