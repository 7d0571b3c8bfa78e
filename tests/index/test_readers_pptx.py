"""A presentation is read slide by slide: title first, then from the top, tables, charts and notes."""

import io
from pathlib import Path

import pptx
from office import package
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.presentation import Presentation
from pptx.util import Inches

from rag.index.readers import read
from rag.index.reading import Reading


def saved(show: Presentation) -> Reading:
    out = io.BytesIO()
    show.save(out)
    return read(out.getvalue(), ".pptx")


def test_slides_are_places_and_their_notes_belong_to_them() -> None:
    """Each slide is a page: its title, its points, what the speaker says."""
    show = pptx.Presentation()
    show.core_properties.author = "이서연"
    slide = show.slides.add_slide(show.slide_layouts[1])
    slide.shapes.title.text = "분기 보고"
    points = slide.placeholders[1].text_frame
    points.text = "매출 310억"
    points.add_paragraph().text = "지점 12곳"
    slide.notes_slide.notes_text_frame.text = "7월 3일에 발표한다."
    show.slides.add_slide(show.slide_layouts[5]).shapes.title.text = "Πλάνο"

    reading = saved(show)

    assert reading.text == "# 분기 보고\n\n- 매출 310억\n- 지점 12곳\n\n7월 3일에 발표한다.\n\n# Πλάνο"
    assert [(page.number, page.label, page.start) for page in reading.pages] == [
        (1, "slide 1", 0),
        (2, "slide 2", reading.text.index("# Πλάνο")),
    ]
    assert (reading.title, reading.author) == ("분기 보고", "이서연")


def test_shapes_are_read_from_the_top_and_groups_with_them() -> None:
    """The order of drawing is not the order of reading."""
    show = pptx.Presentation()
    slide = show.slides.add_slide(show.slide_layouts[6])
    for text, left, top in [("fourth", 1, 5), ("third", 5, 2), ("second", 1, 2.02), ("first", 3, 1)]:
        slide.shapes.add_textbox(Inches(left), Inches(top), Inches(2), Inches(1)).text_frame.text = text
    group = slide.shapes.add_group_shape()
    group.shapes.add_textbox(Inches(1), Inches(6), Inches(1), Inches(1)).text_frame.text = "grouped"

    assert saved(show).text == "first\n\nsecond\n\nthird\n\nfourth\n\ngrouped"


def test_tables_and_charts_are_rows() -> None:
    """A merged cell belongs to each of its rows; a chart is the table of its values."""
    show = pptx.Presentation()
    slide = show.slides.add_slide(show.slide_layouts[6])
    made = slide.shapes.add_table(3, 3, Inches(1), Inches(1), Inches(5), Inches(2)).table
    for n, text in enumerate(["Gear", "Teeth", "Bore", "first", "14", "8", "second", "", "9"]):
        made.cell(n // 3, n % 3).text = text
    made.cell(1, 1).merge(made.cell(2, 1))
    chart = CategoryChartData()  # type: ignore[no-untyped-call]
    chart.categories = ["서울", "부산"]
    chart.add_series("2023", (1, 2.5))  # type: ignore[no-untyped-call]
    chart.add_series("2024", (3, 4))  # type: ignore[no-untyped-call]
    slide.shapes.add_chart(XL_CHART_TYPE.BAR_CLUSTERED, Inches(1), Inches(4), Inches(4), Inches(2), chart)

    assert saved(show).text == (
        "Gear: first; Teeth: 14; Bore: 8\nGear: second; Teeth: 14; Bore: 9\n\n"
        "서울; 2023: 1; 2024: 3\n부산; 2023: 2.5; 2024: 4"
    )


def test_raised_signs_are_notes_or_powers() -> None:
    """As in texts: 8,400 with mark 3 stays 8,400."""
    show = pptx.Presentation()
    frame = show.slides.add_slide(show.slide_layouts[6]).shapes.add_textbox(0, 0, 9, 9).text_frame
    for text, shift in [
        ("8,400", "0"),
        ("3", "30000"),
        (" m", "0"),
        ("2", "30000"),
        (" of CO", "0"),
        ("2", "-25000"),
    ]:
        run = frame.paragraphs[0].add_run()
        run.text = text
        run.font._element.set("baseline", shift)

    assert saved(show).text == "8,400 m² of CO₂"


def test_hidden_slides_are_left_out_and_named(tmp_path: Path) -> None:
    """What the audience does not see is not quoted."""
    show = pptx.Presentation()
    for text in ("seen", "secret"):
        slide = show.slides.add_slide(show.slide_layouts[6])
        slide.shapes.add_textbox(0, 0, 9, 9).text_frame.text = text
    show.slides[1]._element.set("show", "0")

    reading = saved(show)

    assert (reading.text, reading.left_out) == ("seen", ("slide 2: hidden",))


def test_a_package_without_slides_has_no_text() -> None:
    """An empty presentation is no error of the parser."""
    space = "http://schemas.openxmlformats.org/presentationml/2006/main"

    assert read(package({"ppt/presentation.xml": f'<p:presentation xmlns:p="{space}"/>'}), ".pptx").text == ""
