package problem

import "fmt"

// File is one generated file of the repository.
type File struct {
	Path    string // from the root, with slashes
	Content []byte
}

// GoldenDir holds one sample answer per code and nothing else.
const GoldenDir = "spec/vectors/problems"

// Files are the files that follow from the catalogue: the contract for SDKs,
// the documentation, and a sample answer per code.
func Files(kinds []*Kind) ([]File, error) {
	json, err := contract(kinds)
	if err != nil {
		return nil, fmt.Errorf("make spec/problems.json: %w", err)
	}
	text, err := markdown(kinds)
	if err != nil {
		return nil, err
	}
	files := []File{{"spec/problems.json", json}, {"docs/errors.md", text}}
	for _, k := range kinds {
		files = append(files, File{GoldenDir + "/" + k.Code + ".http", Golden(k)})
	}
	return files, nil
}
