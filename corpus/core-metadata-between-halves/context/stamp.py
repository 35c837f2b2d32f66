import os
open('stamp', 'w').write(os.environ['GIT_SHA'])
