# The sets of Cross-protocol Network Training. To leave some out, name the others here or in CNT_SETS.
import sys  # not os, see sets.py

cnt_sets = sys.modules['os'].environ.get('CNT_SETS', '').replace(' ', '').strip(',')
cnt_sets = (cnt_sets or 'cofw,aflw,wflw,300w,wider_face').split(',')
