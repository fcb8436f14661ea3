//! How long it takes to know who asks.

use std::time::Instant;

use anyhow::Result;
use peyvand_core::Via;

use crate::figure::{Figure, Goal, median};
use crate::world::{self, World};

/// The figures of this subject.
pub(crate) async fn run(world: &World) -> Result<Vec<Figure>> {
    let app = world::app(&world.program, world::engine(&world.program).await?)?;
    app.workspace(None).await?;
    let (mut first, mut again) = (Vec::new(), Vec::new());
    for times in [&mut first, &mut again] {
        for token in &world.readers {
            let begun = Instant::now();
            app.caller_of_token(token, Via::Api)
                .await
                .map_err(|e| anyhow::anyhow!("{}", e.code()))?;
            times.push(begun.elapsed().as_secs_f64() * 1e6);
        }
    }
    app.store.engine().close().await;
    Ok(vec![
        Figure::new(
            "token",
            "check of a token that was checked in the last seconds",
            "µs",
            median(&mut again),
        )
        .goal(Goal::AtMost(50.0)),
        Figure::new(
            "token",
            "check of a token that was not, with user, role and teams",
            "µs",
            median(&mut first),
        ),
    ])
}
