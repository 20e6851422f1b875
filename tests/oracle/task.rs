//! Tasks: rights, the status machine, what is edited and given, and walks at random.

mod change;
mod machine;
mod right;
mod walk;
