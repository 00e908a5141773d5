package fetch

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/graft-ml/graft/internal/nearest"
)

// FileError is a file that could not be had.
type FileError struct {
	Item   string
	File   File
	Path   string // where it belongs
	Reason string // what went wrong
	Err    error  // the cause; may be nil
}

// Error gives the reason, and how to bring the file by hand.
func (e *FileError) Error() string {
	return fmt.Sprintf("fetch: %s: %s: %s; %s", e.Item, e.File.Name, e.Reason, e.byHand())
}

// Unwrap gives the cause.
func (e *FileError) Unwrap() error { return e.Err }

// byHand says which file to put where.
func (e *FileError) byHand() string {
	var known []string
	if e.File.Size > 0 {
		known = append(known, fmt.Sprintf("%d bytes", e.File.Size))
	}
	switch {
	case e.File.SHA256 != "":
		known = append(known, "SHA-256 "+e.File.SHA256)
	case e.File.MD5 != "":
		known = append(known, "MD5 "+e.File.MD5)
	default:
		known = append(known, "no hash of it was published")
	}
	from := ""
	if len(e.File.URLs) > 0 {
		from = "get " + strings.Join(e.File.URLs, " or ") + " on another machine, "
	}
	return fmt.Sprintf("without network: %sput it at %s (%s) and run this again", from, e.Path, strings.Join(known, ", "))
}

// ChecksumError is a file whose content is another than the published one.
type ChecksumError struct {
	Item      string
	Path      string // of the file that is wrong
	Kept      string // where it is kept; "" where it was not
	Kind      string // "SHA-256", "MD5" or "size"
	Want, Got string
}

// Error gives both hashes and says what to do.
func (e *ChecksumError) Error() string {
	s := fmt.Sprintf("fetch: %s: %s: its %s is %s, expected %s", e.Item, e.Path, e.Kind, e.Got, e.Want)
	if e.Kept != "" {
		s += "; it is kept as " + e.Kept
	}
	return s + "; the server has another file than the published one, or something on the way changed it: try another network, or get the file elsewhere"
}

// ArchiveError is an archive that is damaged, or that nobody should unpack.
type ArchiveError struct {
	Path   string
	Member string // the entry; "" where the whole archive is meant
	Reason string
	Err    error // the cause; may be nil
}

// Error gives archive, member and reason.
func (e *ArchiveError) Error() string {
	s := "fetch: " + e.Path
	if e.Member != "" {
		s += fmt.Sprintf(": member %.100q", e.Member)
	}
	return s + ": " + e.Reason + "; nothing of it was unpacked: delete it and get it again, or get it elsewhere"
}

// Unwrap gives the cause.
func (e *ArchiveError) Unwrap() error { return e.Err }

// ContentError is a fetched file whose content is not what it should be.
type ContentError struct {
	Item   string
	Path   string
	Reason string
	Err    error // the cause; may be nil
}

// Error gives file and reason.
func (e *ContentError) Error() string {
	return fmt.Sprintf("fetch: %s: %s: %s; this is not the published file: delete it and get it again", e.Item, e.Path, e.Reason)
}

// Unwrap gives the cause.
func (e *ContentError) Unwrap() error { return e.Err }

// LockedError is an item that another process works on.
type LockedError struct {
	Item   string
	Path   string // of the lock file
	Holder string // who has it, as far as that is known
}

// Error says who has the lock.
func (e *LockedError) Error() string {
	return fmt.Sprintf("fetch: %s: another process is fetching it (%s, lock %s): wait for it, or use another folder", e.Item, e.Holder, e.Path)
}

// UnknownError is a name that is not in the catalogue.
type UnknownError struct {
	Name  string
	Known []string
}

// Error gives the name, the nearest known one and all known ones.
func (e *UnknownError) Error() string {
	return fmt.Sprintf("fetch: nothing to download is called %q; did you mean %q? Known are %s", e.Name, nearest.To(e.Name, e.Known), strings.Join(e.Known, ", "))
}

// diskError says which file or folder of the cache could not be written or read, and
// what to do.
func diskError(path string, err error) error {
	hint := ""
	dir := filepath.Dir(path)
	switch {
	case errors.Is(err, syscall.ENOSPC):
		hint = "; the disk is full: free some space and run this again, it goes on where it stopped"
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		hint = "; make " + dir + " writable or choose another folder"
	case errors.Is(err, syscall.ENOTDIR), errors.Is(err, fs.ErrExist):
		hint = "; a file stands where a folder is wanted: move it away or choose another folder"
	case errors.Is(err, syscall.EISDIR):
		hint = "; a folder stands where a file is wanted: move it away or choose another folder"
	}
	return fmt.Errorf("fetch: cannot write %s: %w%s", path, plain(err), hint)
}

// plain is an error of package os without operation and path, which the caller gives.
func plain(err error) error {
	var path *os.PathError
	var link *os.LinkError
	var sys *os.SyscallError
	switch {
	case errors.As(err, &path):
		return path.Err
	case errors.As(err, &link):
		return link.Err
	case errors.As(err, &sys):
		return sys.Err
	}
	return err
}

// host is the server of an address, for messages.
func host(address string) string {
	if u, err := url.Parse(address); err == nil && u.Host != "" {
		return u.Host
	}
	return address
}
