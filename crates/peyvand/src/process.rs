//! What the process asks of the system for itself.

/// Sees to it that what the process has in its memory, the key of the instance and the records of people, is written into
/// no file when it crashes, and on Linux is read by no other process of the same user.
///
/// # Errors
/// When the system refuses it: the program does not run then.
#[cfg(unix)]
pub(crate) fn keep_memory_off_the_disk() -> std::io::Result<()> {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    setrlimit(Resource::Core, none)?;
    // Where cores are piped to a program the limit is not asked; this is.
    #[cfg(target_os = "linux")]
    rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable)?;
    Ok(())
}

/// Other systems write no cores by themselves.
#[cfg(not(unix))]
pub(crate) fn keep_memory_off_the_disk() -> std::io::Result<()> {
    Ok(())
}

/// Small pages for the heap: of large ones a program that rests keeps 17 MiB that it does not use. Where the system does not
/// know of it everything stays as it is.
pub(crate) fn take_memory_in_small_pages() {
    #[cfg(target_os = "linux")]
    rustix::thread::disable_transparent_huge_pages(true).unwrap_or_default();
}
