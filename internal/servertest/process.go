// Package servertest starts the real servers that tests need: PostgreSQL and Redis, from
// the machine's own packages, with their data in a temporary directory and a private
// socket. What cannot be started fails the test with the name of the package that is
// missing; nothing is skipped.
package servertest

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"sync"
	"syscall"
)

// account is the user that runs the servers when the tests run as root, because
// PostgreSQL refuses to.
const account = "postgres"

// keeper runs a server for as long as its standard input is open: when the test
// process ends, however it ends, the server is stopped and its directory removed.
const keeper = `dir=$1; shift
"$@" >"$dir/log" 2>&1 </dev/null &
server=$!
read -r _
kill -INT "$server" 2>/dev/null
wait "$server"
rm -rf "$dir"`

// held keeps the pipes open for as long as the process lives.
var held struct {
	mu    sync.Mutex
	pipes []io.Closer
}

// memory is a file system in memory on Linux. To make a database there takes a twentieth
// of the time; memoryMin is what must be free.
const (
	memory    = "/dev/shm"
	memoryMin = 4 << 30 // bytes
)

// roomy is memory if there is room, else "": the usual place of temporary files.
func roomy() string {
	var fs syscall.Statfs_t
	if err := syscall.Statfs(memory, &fs); err != nil || fs.Bavail*uint64(fs.Bsize) < memoryMin {
		return ""
	}
	return memory
}

// directory makes a temporary directory below base for a server that account may
// write. Sockets need short paths, so it does not lie below a test's own directory.
func directory(base, name string) (string, error) {
	dir, err := os.MkdirTemp(base, "juicer-"+name+"-")
	if err != nil || os.Getuid() != 0 {
		return dir, err
	}
	who, err := user.Lookup(account)
	if err != nil {
		return dir, nil // this server does not mind root
	}
	var uid, gid int
	if _, err := fmt.Sscan(who.Uid+" "+who.Gid, &uid, &gid); err != nil {
		return dir, err
	}
	return dir, os.Chown(dir, uid, gid)
}

// demoted is a command that runs as account if the tests run as root.
func demoted(program string, args ...string) []string {
	if os.Getuid() != 0 {
		return append([]string{program}, args...)
	}
	return append([]string{"setpriv", "--reuid=" + account, "--regid=" + account, "--init-groups", program}, args...)
}

// keep starts a server under the keeper.
func keep(dir string, command []string) error {
	c := exec.Command("sh", append([]string{"-c", keeper, "keeper", dir}, command...)...)
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C is for the test alone; the pipe tells the keeper
	c.Dir = dir
	pipe, err := c.StdinPipe()
	if err != nil {
		return err
	}
	held.mu.Lock()
	held.pipes = append(held.pipes, pipe)
	held.mu.Unlock()
	return c.Start()
}

// logged is the end of what a server wrote, for the message of a failure.
func logged(dir string) string {
	text, err := os.ReadFile(filepath.Join(dir, "log"))
	if err != nil {
		return "no log: " + err.Error()
	}
	const tail = 2000
	return string(text[max(0, len(text)-tail):])
}
