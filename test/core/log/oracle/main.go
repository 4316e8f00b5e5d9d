// Judges a log that oracle.test.ts has written, with Go's own transparency log packages: the signed note, every
// bundle and tile, the root, and all proofs that are claimed. Prints proofs and a note of Go's own making for the
// test to check in turn. Needs golang.org/x/mod as Debian's golang-golang-x-mod-dev installs it.
package main

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type claims struct {
	LogVkey     string
	MirrorName  string // empty where the checkpoint carries the log's signature alone
	MirrorKey   []byte // raw Ed25519
	MirrorID    uint32
	Roots       []struct{ Size int64; Root tlog.Hash }
	Inclusion   []struct{ Index, Size int64; Path []tlog.Hash }
	Consistency []struct{ Size1, Size2 int64; Path []tlog.Hash }
	// Proofs that Go is asked to make.
	WantInclusion   [][2]int64 // index, size
	WantConsistency [][2]int64 // size1, size2
	// Text and name for a note that Go signs.
	Text, Name string
}

type answer struct {
	Size        int64
	Inclusion   [][]tlog.Hash
	Consistency [][]tlog.Hash
	Vkey        string
	Note        string
}

// stored are the hashes of the log in Go's own order.
var stored []tlog.Hash

var reader = tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		hashes[i] = stored[index]
	}
	return hashes, nil
})

func main() {
	log.SetFlags(0)
	dir := os.Args[1]
	var c claims
	must(json.Unmarshal(read(dir, "claims.json"), &c))
	size, root := openCheckpoint(read(dir, "checkpoint"), c)
	leaves := readEntries(dir, size)
	if hash := treeHash(size); hash != root {
		log.Fatalf("root %v, checkpoint says %v", hash, root)
	}
	checkTiles(dir, size)
	checkClaims(c, leaves)
	must(json.NewEncoder(os.Stdout).Encode(prove(c, size)))
}

// openCheckpoint wants the log's signature and that of the mirror that is claimed, and no other.
func openCheckpoint(data []byte, c claims) (int64, tlog.Hash) {
	verifier, err := note.NewVerifier(c.LogVkey)
	must(err)
	verifiers := []note.Verifier{verifier}
	if c.MirrorName != "" {
		verifiers = append(verifiers, mirror{c})
	}
	n, err := note.Open(data, note.VerifierList(verifiers...))
	must(err)
	if len(n.Sigs) != len(verifiers) || len(n.UnverifiedSigs) != 0 {
		log.Fatalf("%d signatures verified, %d not", len(n.Sigs), len(n.UnverifiedSigs))
	}
	lines := strings.Split(n.Text, "\n")
	if len(lines) != 4 || lines[0] != verifier.Name() || lines[3] != "" {
		log.Fatalf("not a checkpoint: %q", n.Text)
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must(err)
	root, err := tlog.ParseHash(lines[2])
	must(err)
	return size, root
}

// mirror verifies a C2SP cosignature, which Go's package does not know.
type mirror struct{ c claims }

func (m mirror) Name() string    { return m.c.MirrorName }
func (m mirror) KeyHash() uint32 { return m.c.MirrorID }
func (m mirror) Verify(text, sig []byte) bool {
	header := fmt.Sprintf("cosignature/v1\ntime %d\n", binary.BigEndian.Uint64(sig))
	return ed25519.Verify(m.c.MirrorKey, append([]byte(header), text...), sig[8:])
}

func readEntries(dir string, size int64) []tlog.Hash {
	var leaves []tlog.Hash
	for at := int64(0); at < size; at += 256 {
		bundle := read(dir, "tile/entries/"+tilePath(at/256, width(size, at/256)))
		for i := int64(0); i < width(size, at/256); i++ {
			length := int(binary.BigEndian.Uint16(bundle))
			leaf := tlog.RecordHash(bundle[2 : 2+length])
			hashes, err := tlog.StoredHashesForRecordHash(at+i, leaf, reader)
			must(err)
			stored = append(stored, hashes...)
			leaves = append(leaves, leaf)
			bundle = bundle[2+length:]
		}
		if len(bundle) > 0 {
			log.Fatalf("%d bytes after the last entry of a bundle", len(bundle))
		}
	}
	return leaves
}

// checkTiles also wants that there is no file too many.
func checkTiles(dir string, size int64) {
	files := 2 + (size+255)/256 // checkpoint, claims, bundles
	for level, count := 0, size; count > 0; level, count = level+1, count/256 {
		for at := int64(0); at < count; at += 256 {
			var want []byte
			for i := at; i < at+width(count, at/256); i++ {
				hash := stored[tlog.StoredHashIndex(8*level, i)]
				want = append(want, hash[:]...)
			}
			path := fmt.Sprintf("tile/%d/%s", level, tilePath(at/256, width(count, at/256)))
			if !bytes.Equal(read(dir, path), want) {
				log.Fatalf("%s has other hashes", path)
			}
			files++
		}
	}
	must(filepath.Walk(dir, func(_ string, info os.FileInfo, err error) error {
		if err == nil && !info.IsDir() {
			files--
		}
		return err
	}))
	if files != 0 {
		log.Fatalf("%d files too few", files)
	}
}

func checkClaims(c claims, leaves []tlog.Hash) {
	for _, r := range c.Roots {
		if hash := treeHash(r.Size); hash != r.Root {
			log.Fatalf("root at %d is %v, not %v", r.Size, hash, r.Root)
		}
	}
	for _, p := range c.Inclusion {
		if err := tlog.CheckRecord(p.Path, p.Size, treeHash(p.Size), p.Index, leaves[p.Index]); err != nil {
			log.Fatalf("entry %d of %d: %v", p.Index, p.Size, err)
		}
	}
	for _, p := range c.Consistency {
		if err := tlog.CheckTree(p.Path, p.Size2, treeHash(p.Size2), p.Size1, treeHash(p.Size1)); err != nil {
			log.Fatalf("from %d to %d: %v", p.Size1, p.Size2, err)
		}
	}
}

func prove(c claims, size int64) answer {
	a := answer{Size: size}
	for _, want := range c.WantInclusion {
		path, err := tlog.ProveRecord(want[1], want[0], reader)
		must(err)
		a.Inclusion = append(a.Inclusion, path)
	}
	for _, want := range c.WantConsistency {
		path, err := tlog.ProveTree(want[1], want[0], reader)
		must(err)
		a.Consistency = append(a.Consistency, path)
	}
	skey, vkey, err := note.GenerateKey(nil, c.Name)
	must(err)
	signer, err := note.NewSigner(skey)
	must(err)
	signed, err := note.Sign(&note.Note{Text: c.Text}, signer)
	must(err)
	a.Vkey, a.Note = vkey, base64.StdEncoding.EncodeToString(signed)
	return a
}

func treeHash(size int64) tlog.Hash {
	hash, err := tlog.TreeHash(size, reader)
	must(err)
	return hash
}

func width(count, index int64) int64 {
	if rest := count - 256*index; rest < 256 {
		return rest
	}
	return 256
}

func tilePath(index, width int64) string {
	path := fmt.Sprintf("%03d", index%1000)
	for index >= 1000 {
		index /= 1000
		path = fmt.Sprintf("x%03d/%s", index%1000, path)
	}
	if width < 256 {
		path += fmt.Sprintf(".p/%d", width)
	}
	return path
}

func read(dir, path string) []byte {
	data, err := os.ReadFile(filepath.Join(dir, path))
	must(err)
	return data
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
