# METHOD_SIZE=L: eight times the epochs of S.
_base_ = '../../../configs/_base_/schedules/small.py'

longer = dict(S=1, L=8)['{{$METHOD_SIZE:S}}']
