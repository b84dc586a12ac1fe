#!/bin/sh
# Inside namespaces of its own (see machine.ts): boots systemd on a copy-on-write view of this system, with the package installed by dpkg
# and with nothing else enabled, runs the probe as a unit, and ends. Nothing outside the work folder is written.
#   boot.sh WORK DEB PROBE
set -e
WORK=$1
ROOT=$WORK/root
mkdir -p "$WORK/upper" "$WORK/work" "$ROOT"

mount --make-rprivate /
mount -t tmpfs tmpfs "$WORK/upper"
mkdir "$WORK/upper/upper" "$WORK/upper/work"
mount -t overlay overlay -o "lowerdir=/,upperdir=$WORK/upper/upper,workdir=$WORK/upper/work" "$ROOT"
mkdir -p "$ROOT/probe"
mount --bind "$WORK/probe" "$ROOT/probe"
mount -t proc proc "$ROOT/proc"
mount -t sysfs -o ro sysfs "$ROOT/sys"
mount -t tmpfs tmpfs "$ROOT/sys/fs/cgroup"
mount -t cgroup2 cgroup2 "$ROOT/sys/fs/cgroup"
mount -t tmpfs -o mode=755 tmpfs "$ROOT/run"
mount -t tmpfs -o mode=1777 tmpfs "$ROOT/tmp"
mount -t tmpfs -o mode=755 tmpfs "$ROOT/dev"
for device in null zero full random urandom tty; do
  touch "$ROOT/dev/$device"
  mount --bind "/dev/$device" "$ROOT/dev/$device"
done
mkdir "$ROOT/dev/pts" "$ROOT/dev/shm"
ln -s pts/ptmx "$ROOT/dev/ptmx"
ln -s /proc/self/fd "$ROOT/dev/fd"
ip link set lo up

# The machine's own services stay asleep, and no rule of an image forbids packages to start theirs.
for unit in "$ROOT"/etc/systemd/system/*.wants/*; do
  ln -sf /dev/null "$ROOT/etc/systemd/system/$(basename "$unit")"
done
rm -rf "$ROOT/var/log/journal" "$ROOT/usr/sbin/policy-rc.d"
mkdir -p "$ROOT/var/log/journal"

chroot "$ROOT" dpkg --install "/probe/$2"

cat >"$ROOT/etc/systemd/system/probe.service" <<UNIT
[Unit]
After=holdfast.service
[Service]
Type=oneshot
ExecStart=/bin/sh -c '/usr/lib/holdfast/bin/node --disable-warning=ExperimentalWarning /probe/$3 >/probe/said 2>&1; echo \$? >/probe/code'
ExecStopPost=/bin/systemctl poweroff --force --force
UNIT
mkdir -p "$ROOT/etc/systemd/system/multi-user.target.wants"
ln -sf /etc/systemd/system/probe.service "$ROOT/etc/systemd/system/multi-user.target.wants/probe.service"
ln -sf /lib/systemd/system/multi-user.target "$ROOT/etc/systemd/system/default.target"

# systemd makes namespaces for services by pivot_root, which a mere chroot forbids.
mkdir -p "$ROOT/mnt/before"
cd "$ROOT"
pivot_root . mnt/before
umount -l /mnt/before
export container=lxc
exec /lib/systemd/systemd --system --log-target=journal
