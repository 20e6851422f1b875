//! What was acknowledged is there, whatever happens to the process, the disk and the connections: the real binary,
//! killed, starved and stopped. `ARTEL_LONG_TESTS=1` makes more rounds and asks more of the machine.

mod disk;
mod kill;
mod load;
mod log;
mod restart;
mod stop;

/// Whether the long form was asked for.
fn long() -> bool {
    std::env::var_os("ARTEL_LONG_TESTS").is_some_and(|value| value == "1")
}
