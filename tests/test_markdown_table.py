from mmsepbn.markdown_table import markdown_lines, markdown_table


def test_columns_stand_left_or_right_and_the_last_letter_holds_for_the_rest():
    table = markdown_table(['row', 'NME %', 'FR %'], [['BN', '5.00', '1.00']], 'lr')
    assert table == '| row | NME % | FR % |\n| --- | ---: | ---: |\n| BN | 5.00 | 1.00 |'
    assert markdown_table(['a', 'b'], [], 'llr').splitlines()[1] == '| --- | --- |'
    assert markdown_table(['a', 'b', 'c', 'd'], [], 'rl').splitlines()[1] == '| ---: | --- | --- | --- |'


def test_a_line_comes_when_its_row_is_there():
    def rows():
        yield ['1']
        raise RuntimeError('stopped')

    lines = markdown_lines(['a'], rows(), 'l')
    assert [next(lines) for _ in range(3)] == ['| a |', '| --- |', '| 1 |']
