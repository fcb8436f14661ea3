//! Ids, clock, randomness, money, errors and the acting user's context.
