//! File systems of one's own: a small one in memory, and one in a file that can be copied as a disk would be.

use std::path::{Path, PathBuf};
use std::process::Command;

/// A mounted file system; unmounted when it is dropped.
pub struct Mount {
    at: PathBuf,
}

fn done(command: &mut Command) -> bool {
    command.output().is_ok_and(|o| o.status.success())
}

impl Mount {
    /// A file system in memory of so many bytes; `None` when this user may not mount.
    pub fn in_memory(at: &Path, bytes: u64) -> Option<Self> {
        std::fs::create_dir_all(at).ok()?;
        let size = format!("size={bytes}");
        let mount = ["-t", "tmpfs", "-o", &size, "tmpfs"];
        done(Command::new("mount").args(mount).arg(at)).then(|| Self { at: at.to_owned() })
    }

    /// The ext4 of this file; `None` when this user may not mount.
    pub fn of_image(image: &Path, at: &Path) -> Option<Self> {
        std::fs::create_dir_all(at).ok()?;
        let mut command = Command::new("mount");
        command.args(["-o", "loop"]).arg(image).arg(at);
        done(&mut command).then(|| Self { at: at.to_owned() })
    }

    /// Makes an ext4 in a file.
    pub fn format(image: &Path, bytes: u64) -> bool {
        let file = std::fs::File::create(image).expect("the image");
        file.set_len(bytes).expect("its length");
        done(Command::new("mkfs.ext4").args(["-q", "-F"]).arg(image))
    }

    pub fn path(&self) -> &Path {
        &self.at
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        // A process that was just killed may hold it for a moment.
        for _ in 0..50 {
            if done(Command::new("umount").arg(&self.at)) {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        drop(Command::new("umount").arg("-l").arg(&self.at).output());
    }
}
