package report

import (
	"fmt"
	"strings"
	"time"
)

const (
	xmlHead   = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	wordSpace = `xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"`
	officeURL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
)

// files are the parts of the file, in a fixed order.
func (x *docx) files() []docxMedia {
	part := func(name, text string) docxMedia { return docxMedia{name, []byte(xmlHead + text)} }
	files := []docxMedia{
		part("[Content_Types].xml", `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Default Extension="png" ContentType="image/png"/><Default Extension="jpg" ContentType="image/jpeg"/>`+
			`<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/><Override PartName="/word/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.styles+xml"/>`+
			`<Override PartName="/word/header1.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.header+xml"/><Override PartName="/word/footer1.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.footer+xml"/>`+
			`<Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/></Types>`),
		part("_rels/.rels", relationships(
			relationship{"rId1", officeURL + "officeDocument", "word/document.xml"},
			relationship{"rId2", "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties", "docProps/core.xml"})),
		part("docProps/core.xml", x.properties()),
		part("word/document.xml", "<w:document "+wordSpace+"><w:body>"+x.body.String()+
			`<w:sectPr><w:headerReference w:type="default" r:id="rId2"/><w:footerReference w:type="default" r:id="rId3"/>`+docxPage+"</w:sectPr></w:body></w:document>"),
		part("word/styles.xml", docxStyles),
		part("word/header1.xml", "<w:hdr "+wordSpace+`><w:p><w:pPr><w:pBdr><w:bottom w:val="single" w:sz="4" w:space="4" w:color="737373"/></w:pBdr></w:pPr><w:r><w:rPr><w:b/><w:sz w:val="16"/></w:rPr><w:t>`+xmlText(x.document.Notice)+"</w:t></w:r></w:p></w:hdr>"),
		part("word/footer1.xml", "<w:ftr "+wordSpace+`><w:p><w:pPr><w:tabs><w:tab w:val="right" w:pos="`+fmt.Sprint(docxWidth)+`"/></w:tabs></w:pPr>`+
			small(xmlText(x.document.Subject))+`<w:r><w:rPr><w:sz w:val="16"/></w:rPr><w:tab/><w:t xml:space="preserve">halaman </w:t></w:r>`+counter("PAGE")+small(" dari ")+counter("NUMPAGES")+"</w:p></w:ftr>"),
	}
	related := []relationship{{"rId1", officeURL + "styles", "styles.xml"}, {"rId2", officeURL + "header", "header1.xml"}, {"rId3", officeURL + "footer", "footer1.xml"}}
	for i, m := range x.media {
		related = append(related, relationship{fmt.Sprintf("media%d", i+1), officeURL + "image", m.name})
		files = append(files, docxMedia{"word/" + m.name, m.data})
	}
	return append(files, part("word/_rels/document.xml.rels", relationships(related...)))
}

type relationship struct{ id, kind, target string }

func relationships(list ...relationship) string {
	var b strings.Builder
	b.WriteString(`<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">`)
	for _, r := range list {
		fmt.Fprintf(&b, `<Relationship Id="%s" Type="%s" Target="%s"/>`, r.id, r.kind, r.target)
	}
	return b.String() + "</Relationships>"
}

func (x *docx) properties() string {
	at := x.document.At.UTC().Format(time.RFC3339)
	return `<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><dc:title>` +
		xmlText(x.document.Title) + `</dc:title><dc:subject>` + xmlText(x.document.Subject) + `</dc:subject><dc:creator>Netra</dc:creator><dcterms:created xsi:type="dcterms:W3CDTF">` + at +
		`</dcterms:created><dcterms:modified xsi:type="dcterms:W3CDTF">` + at + `</dcterms:modified></cp:coreProperties>`
}

func small(text string) string {
	return `<w:r><w:rPr><w:sz w:val="16"/></w:rPr><w:t xml:space="preserve">` + text + "</w:t></w:r>"
}

// counter is a number that the word processor fills in.
func counter(field string) string {
	run := func(inner string) string { return `<w:r><w:rPr><w:sz w:val="16"/></w:rPr>` + inner + "</w:r>" }
	return run(`<w:fldChar w:fldCharType="begin"/>`) + run(`<w:instrText xml:space="preserve"> `+field+` </w:instrText>`) +
		run(`<w:fldChar w:fldCharType="separate"/>`) + run("<w:t>1</w:t>") + run(`<w:fldChar w:fldCharType="end"/>`)
}

var docxStyles = `<w:styles ` + wordSpace + `><w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii="Noto Sans" w:hAnsi="Noto Sans" w:eastAsia="Noto Sans" w:cs="Noto Sans"/><w:sz w:val="20"/><w:szCs w:val="20"/><w:lang w:val="id-ID"/></w:rPr></w:rPrDefault><w:pPrDefault><w:pPr><w:spacing w:after="100"/></w:pPr></w:pPrDefault></w:docDefaults>` +
	`<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/></w:style>` +
	docxHeading(1, 28, `<w:jc w:val="center"/>`) + docxHeading(2, 23, "") + docxHeading(3, 21, "") +
	`<w:style w:type="paragraph" w:styleId="Quote"><w:name w:val="Quote"/><w:basedOn w:val="Normal"/><w:pPr><w:pBdr><w:left w:val="single" w:sz="24" w:space="8" w:color="5A6680"/></w:pBdr><w:shd w:val="clear" w:color="auto" w:fill="F6F6F2"/><w:spacing w:before="80" w:after="120"/><w:ind w:left="240"/></w:pPr></w:style></w:styles>`

func docxHeading(level, size int, more string) string {
	return fmt.Sprintf(`<w:style w:type="paragraph" w:styleId="Heading%d"><w:name w:val="heading %d"/><w:basedOn w:val="Normal"/><w:next w:val="Normal"/><w:qFormat/><w:pPr><w:keepNext/><w:spacing w:before="180" w:after="80"/>%s<w:outlineLvl w:val="%d"/></w:pPr><w:rPr><w:b/><w:bCs/><w:sz w:val="%d"/><w:szCs w:val="%d"/></w:rPr></w:style>`,
		level, level, more, level-1, size, size)
}
