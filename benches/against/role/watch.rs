//! Many watchers.
use super::Target;
use crate::Failure;
use crate::meter::Measured;
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    target: Target,
}
#[derive(clap::Args, Debug)]
pub struct RedisArgs {
    #[command(flatten)]
    target: Target,
}
pub async fn run(_args: Args) -> Result<Measured, Failure> {
    Err("no".into())
}
pub async fn run_redis(_args: RedisArgs) -> Result<Measured, Failure> {
    Err("no".into())
}
