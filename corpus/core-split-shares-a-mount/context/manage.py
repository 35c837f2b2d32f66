import os, idna, sys
os.makedirs('static', exist_ok=True)
open('static/' + sys.argv[1], 'w').write(idna.__version__ + os.environ.get('STAGE', ''))
