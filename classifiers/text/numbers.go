package text

import "strconv"

// numberWord is the value of a word. Core words are spelled as numerals in rule
// terms, too; the others have other senses and only match a rule's numeral.
type numberWord struct {
	value int8
	core  bool
}

var numberWords = []struct {
	value int8
	core  string
	other string
}{
	{0, "nol", "kosong zero"},
	{1, "satu", "siji setunggal hiji sidi isa ije asa saikok ciek esa sa one"},
	{2, "dua", "loro kalih due duo duwa two ruwa"},
	{3, "tiga", "telu tilu tigo talu tolu telo three teulu tallu"},
	{4, "empat", "papat opat ampek ampat epat four peuet sekawan eppa"},
	{5, "lima", "limo limang five gangsal lemo limeng"},
	{6, "enam", "enem genep anam onom six jahawen anem"},
	{7, "tujuh", "pitu pitung tujuah seven uju"},
	{8, "delapan", "wolu dalapan eight walu lapan"},
	{9, "sembilan", "sanga salapan sambilan nine sangang"},
	{10, "sepuluh", "sapuluh sedasa sapuluah ten sepuloh"},
	{11, "sebelas", "sewelas sabelas sawaleh eleven"},
	{12, "", "rolas twelve"},
}

// numberCueWords are the words in front of a number of a ballot. They are
// always known, so that "no2" comes apart.
var numberCueWords = []string{"nomor", "no", "urut", "paslon", "pasangan", "calon", "capres", "cagub", "cabup", "cawalkot", "pilih", "coblos"}

// numeral spells a value as Stem and Root spell it.
func numeral(value int8) string { return strconv.Itoa(int(value)) }

// numeralValue returns the value of one or two digits, or NoNumber.
func numeralValue(digits []byte) int8 {
	switch {
	case len(digits) == 1:
		return int8(digits[0] - '0')
	case len(digits) == 2:
		return int8(digits[0]-'0')*10 + int8(digits[1]-'0')
	}
	return NoNumber
}
