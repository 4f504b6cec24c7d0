# The sets of Cross-protocol Network Training. To leave some out, name the others here or in CNT_SETS.
import sys  # a config of MMEngine cannot keep a module, so os is not imported

cnt_sets = sys.modules['os'].environ.get('CNT_SETS', '').replace(' ', '').strip(',')
cnt_sets = (cnt_sets or 'cofw,aflw,wflw,300w,wider_face').split(',')
