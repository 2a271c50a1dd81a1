// Checks a published log with Go's own packages for transparency logs (golang.org/x/mod/sumdb: note and tlog).
//
//	check_log FOLDER VKEY
//
// Opens the checkpoint, recomputes the root from every entry, reads tiles through tlog's verifying reader, and checks
// proofs of records and of growth. Prints the number of leaves.
package main

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"log"
	"os"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type tiles struct{ folder string }

func (t tiles) Height() int { return 8 }

func (t tiles) SaveTiles([]tlog.Tile, [][]byte) {}

func (t tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range wanted {
		// tlog writes tile/H/L/N; the standard leaves the height of 8 out.
		bytes, err := os.ReadFile(t.folder + "/" + strings.Replace(tile.Path(), "tile/8/", "tile/", 1))
		if err != nil {
			return nil, err
		}
		all = append(all, bytes)
	}
	return all, nil
}

func entries(folder string, size int64) [][]byte {
	var all [][]byte
	for first := int64(0); first < size; first += 256 {
		width := 256
		if size-first < 256 {
			width = int(size - first)
		}
		tile := tlog.Tile{H: 8, L: -1, N: first / 256, W: width}
		path := strings.Replace(tile.Path(), "tile/8/data/", "tile/entries/", 1)
		bytes, err := os.ReadFile(folder + "/" + path)
		check(err)
		for len(bytes) > 0 {
			length := binary.BigEndian.Uint16(bytes)
			all = append(all, bytes[2:2+length])
			bytes = bytes[2+length:]
		}
	}
	return all
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func main() {
	log.SetFlags(0)
	folder := os.Args[1]
	verifier, err := note.NewVerifier(os.Args[2])
	check(err)
	bytes, err := os.ReadFile(folder + "/checkpoint")
	check(err)
	opened, err := note.Open(bytes, note.VerifierList(verifier))
	check(err)
	var size int64
	lines := strings.Split(opened.Text, "\n")
	_, err = fmt.Sscan(lines[1], &size)
	check(err)
	raw, err := base64.StdEncoding.DecodeString(lines[2])
	check(err)
	var root tlog.Hash
	copy(root[:], raw)

	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(places []int64) ([]tlog.Hash, error) {
		var found []tlog.Hash
		for _, place := range places {
			found = append(found, stored[place])
		}
		return found, nil
	})
	all := entries(folder, size)
	if int64(len(all)) != size {
		log.Fatalf("%d entries, not %d", len(all), size)
	}
	for index, entry := range all {
		hashes, err := tlog.StoredHashes(int64(index), entry, reader)
		check(err)
		stored = append(stored, hashes...)
	}
	recomputed, err := tlog.TreeHash(size, reader)
	check(err)
	if recomputed != root {
		log.Fatalf("the root is %v, not %v", recomputed, root)
	}
	tree := tlog.Tree{N: size, Hash: root}
	published := tlog.TileHashReader(tree, tiles{folder})
	for index := int64(0); index < size; index += 1 + size/100 {
		proof, err := tlog.ProveRecord(size, index, published)
		check(err)
		check(tlog.CheckRecord(proof, size, root, index, tlog.RecordHash(all[index])))
		older, err := tlog.TreeHash(index+1, reader)
		check(err)
		growth, err := tlog.ProveTree(size, index+1, published)
		check(err)
		check(tlog.CheckTree(growth, size, root, index+1, older))
	}
	fmt.Println(size)
}
