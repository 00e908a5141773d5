package fetch

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
)

// archive is what the three kinds have in common while their members are written.
type archive struct {
	w      *work
	ctx    context.Context
	file   File
	path   string // of the archive
	limits Limits
	names  nameSet
	count  int             // entries seen
	left   int64           // bytes that may still be unpacked
	done   int64           // bytes unpacked
	want   map[string]bool // members that are wanted and were not seen yet; nil: all are wanted
	root   *os.Root        // where members are staged
	stored []Stored
}

// unpack writes the members of an archive beside it: first all into a folder of their
// own, then, when the whole archive was found sound, each to its place.
func (w *work) unpack(ctx context.Context, f File) ([]Stored, error) {
	where := w.path(f.Name)
	info, err := os.Stat(where)
	if err != nil {
		return nil, diskError(where, err)
	}
	prefix, suffix := stagePattern(filepath.Base(where))
	stage := filepath.Join(filepath.Dir(where), prefix+strconv.FormatUint(rand.Uint64(), 36)+suffix)
	if err := os.Mkdir(stage, 0o755); err != nil {
		return nil, diskError(stage, err)
	}
	defer os.RemoveAll(stage) // what stays is removed by the next call
	root, err := os.OpenRoot(stage)
	if err != nil {
		return nil, diskError(stage, err)
	}
	defer root.Close()
	a := newArchive(ctx, w, f, info.Size())
	a.root = root
	if err := a.read(); err != nil {
		return nil, err
	}
	if err := a.checkMissing(); err != nil {
		return nil, err
	}
	return a.publish(stage)
}

func newArchive(ctx context.Context, w *work, f File, size int64) *archive {
	a := &archive{w: w, ctx: ctx, file: f, path: w.path(f.Name), limits: f.Limits.filled(), names: nameSet{}}
	a.left = a.limits.most(size)
	if len(f.Members) > 0 {
		a.want = map[string]bool{}
		for _, m := range f.Members {
			a.want[m.Name] = true
		}
	}
	return a
}

// read goes through the archive as its kind demands.
func (a *archive) read() error {
	f, err := os.Open(a.path)
	if err != nil {
		return diskError(a.path, err)
	}
	defer f.Close() // only read from
	switch a.file.Unpack {
	case Zip:
		info, err := f.Stat()
		if err != nil {
			return diskError(a.path, err)
		}
		return a.readZip(f, info.Size())
	case TarGz:
		return a.readTarGz(f)
	}
	return a.readGzip(f)
}

// bad refuses the archive for one of its members.
func (a *archive) bad(member string, err error, format string, args ...any) error {
	return &ArchiveError{Path: a.path, Member: member, Reason: fmt.Sprintf(format, args...), Err: err}
}

// enter looks at an entry before its content, wanted or not, and tells whether it is to
// be written. Folders are made when something lies in them.
func (a *archive) enter(name string, file bool) (bool, error) {
	if err := a.ctx.Err(); err != nil {
		return false, err
	}
	if a.count++; a.count > a.limits.Members {
		return false, a.bad("", nil, "it has more than %d members", a.limits.Members)
	}
	trimmed := name
	if !file {
		trimmed = strings.TrimSuffix(name, "/")
	}
	for strings.HasPrefix(trimmed, "./") {
		trimmed = trimmed[2:] // as tar writes it for "tar c ."
	}
	if !file && (trimmed == "." || trimmed == "") {
		return false, nil
	}
	reason := badName(trimmed)
	if reason == "" {
		reason = a.names.add(trimmed, file)
	}
	if reason != "" {
		return false, a.bad(name, nil, "%s", reason)
	}
	if !file || a.want != nil && !a.want[trimmed] {
		return false, nil
	}
	return true, nil
}

// errBomb ends reading an archive that unpacks to too much.
var errBomb = errors.New("it unpacks to more than is accepted")

// write stages the content of a member.
func (a *archive) write(name string, content io.Reader) error {
	name = strings.TrimPrefix(path.Clean(name), "./")
	if dir := path.Dir(name); dir != "." {
		if err := a.root.MkdirAll(filepath.FromSlash(dir), 0o755); err != nil {
			return diskError(a.w.path(name), err)
		}
	}
	out, err := a.root.OpenFile(filepath.FromSlash(name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return diskError(a.w.path(name), err)
	}
	sum := sha256.New()
	size, err := a.copy(name, io.MultiWriter(out, sum), content)
	if err == nil {
		if e := out.Sync(); e != nil {
			err = diskError(a.w.path(name), e)
		}
	}
	if e := out.Close(); e != nil && err == nil {
		err = diskError(a.w.path(name), e)
	}
	if err != nil {
		return err
	}
	s := Stored{Name: path.Join(path.Dir(a.file.Name), name), Size: size, SHA256: hex.EncodeToString(sum.Sum(nil))}
	for _, m := range a.file.Members {
		if m.Name == name && m.SHA256 != "" && m.SHA256 != s.SHA256 {
			return &ChecksumError{Item: a.w.item.Name, Path: a.path + ", member " + name, Kind: "SHA-256", Want: m.SHA256, Got: s.SHA256}
		}
	}
	delete(a.want, name)
	a.stored = append(a.stored, s)
	return nil
}

// copy moves a member's content within the limits.
func (a *archive) copy(name string, out io.Writer, in io.Reader) (int64, error) {
	buf := make([]byte, block)
	var size int64
	for {
		if err := a.ctx.Err(); err != nil {
			return size, err
		}
		n, err := in.Read(buf)
		if a.left -= int64(n); a.left < 0 {
			return size, a.bad(name, errBomb, "it unpacks to more than the %d bytes or %d times its size that are accepted", a.limits.Bytes, a.limits.Ratio)
		}
		if _, e := out.Write(buf[:n]); e != nil {
			return size, diskError(a.w.path(name), e)
		}
		size += int64(n)
		a.done += int64(n)
		if n > 0 {
			a.w.tell(a.file.Name, Unpacking, a.done, 0, name)
		}
		if err == io.EOF {
			return size, nil
		}
		if err != nil {
			return size, a.damaged(name, err)
		}
	}
}

// checkMissing tells which wanted members the archive does not have.
func (a *archive) checkMissing() error {
	for _, m := range a.file.Members {
		if a.want[m.Name] {
			return a.bad(m.Name, nil, "the archive has no such member")
		}
	}
	return nil
}

// publish moves the staged members to their places.
func (a *archive) publish(stage string) ([]Stored, error) {
	dir := path.Dir(a.file.Name)
	folders := map[string]bool{}
	for _, s := range a.stored {
		to := a.w.path(s.Name)
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return nil, diskError(filepath.Dir(to), err)
		}
		inside := strings.TrimPrefix(s.Name, dir+"/")
		if err := a.w.disk.Rename(filepath.Join(stage, filepath.FromSlash(inside)), to); err != nil {
			return nil, diskError(to, err)
		}
		folders[filepath.Dir(to)] = true
	}
	for folder := range folders {
		syncDir(filepath.Dir(folder))
	}
	return a.stored, nil
}
