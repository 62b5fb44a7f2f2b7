//! The `tenure` program: wiring, nothing else.

fn main() -> std::process::ExitCode {
    tenure::cli::main()
}
