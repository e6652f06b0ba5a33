### 仅在画室中使用的文字。

## 结果

first-frame-only = 这是动图，只会画第一帧。

## Studio

studio-name = 画室
studio-skip = 跳到图片
studio-nav = 页面
studio-photos = 照片
studio-styles = 风格
studio-history = 历史
studio-settings = 设置
studio-privacy = 隐私
studio-to-dark = 深色
studio-to-light = 浅色
studio-headline = 把你的照片变成画。
studio-promise = 放入一张照片，立刻看到它的 { $count } 种风格。有梵高、北斋、克里姆特等等，你喜欢的图片也可以。不用账号，照片 { $hours } 小时后删除。
studio-drop = 把照片拖到这里
studio-drop-by-finger = 你的一张照片
studio-drop-more = 也可以粘贴，或者
studio-choose = 选择照片
studio-camera = 拍一张
studio-show-it = 查看所有风格
studio-too-large = 图片太大：最多 20 MB、6400 万像素。
studio-working = 请稍等，正在读取图片……
studio-samples = 或者试试这些
studio-try-sample = 试试示例照片 { $number }
studio-another-photo = 换一张照片
studio-recent = 你的照片
studio-photo-of = 你在 { $time } 的照片
studio-your-photo = 你的照片
studio-painted-as = 你的照片，{ $title }风格
studio-sample-as = 示例照片，{ $title }风格
studio-picture-of = “{ $title }”用的原图
studio-gallery = 你的照片，{ $count } 种风格
studio-gallery-how = 点一种，画出完整的画。
studio-another = 换一种风格
studio-painters = 画家
studio-filters = 滤镜
studio-own = 自己的
studio-blend = 混合
studio-blend-none = 不混合
studio-share = 所占比例
studio-paint = 开始画
studio-repaint = 重新画
studio-before = 之前
studio-after = 之后
studio-compare = 在画旁边显示多少照片
studio-by = { $artist }，{ $year }年
studio-save-photo = 保存图片
studio-save-file = 原尺寸
studio-delete = 删除
studio-delete-named = 删除“{ $title }”
studio-again = 再画一次
studio-cancel = 取消
studio-waiting = 等待中
studio-result-gone = 这张画已经不再保留。请重新画，或者找找你保存的图片。
studio-photo-gone = 这张照片已经不再保留。想换风格，请重新放入照片。
studio-own-styles = 你自己的风格
studio-own-how = 任何图片都可以当作风格：一幅画、一种花纹、孩子的涂鸦。只要一秒钟。
studio-own-none = 你还没有自己的风格。
studio-own-picture = 取风格的图片
studio-own-name = 叫什么名字
studio-own-add = 添加自己的风格
studio-own-make = 变成我的风格
studio-all-styles = 所有风格
studio-history-none = 还没有记录。画好的作品会出现在这里。
studio-history-off = 你选择了不保存记录。
studio-older = 更早
studio-default-style = 常用风格
studio-default-none = 无
studio-language = 语言
studio-language-any = 跟随浏览器
studio-remember = 保存我的作画记录
studio-save = 保存
studio-saved = 已保存。
studio-policy =
    你的照片和画好的图在这里加密保留 { $hours } 小时，附加信息会去掉。别的浏览器看不到它们。之后全部删除，也不会用来训练。
    我们还保存你的设置，以及你自己的风格和对应的图片（已加密）。
    作画记录保存 { $days } 天，只是清单，没有图片。请求保存 { $jobs } 天，同样没有图片。
    一个 Cookie 用来认出这个浏览器，另一个记住浅色或深色。除此之外，我们不知道你的任何信息。如果有人被禁止使用，只保留一个化名。
    在下面可以下载全部内容，或者把它删除。
studio-export = 导出全部
studio-forget = 删除我的数据
studio-forget-asks = 这会删除 { $pictures } 张图片、{ $history } 条记录、{ $styles } 个自己的风格、{ $jobs } 个请求和你的设置。删除后无法恢复。
studio-forget-yes = 是的，全部删除
studio-forgot = 已删除：{ $pictures } 张图片、{ $history } 条记录、{ $styles } 个自己的风格、{ $jobs } 个请求，以及你的设置。
studio-no-photo = 里面没有照片。请选择、拖入或拍摄一张。
studio-not-so = 这样做不行。
studio-not-found = 这里什么都没有。
studio-form-old = 页面打开得太久，或者不是我们的。请重新加载再试一次。
studio-back = 回到画室
studio-sorry = 没有成功
studio-admin-parts = 管理的各个部分
studio-admin-token = 令牌
studio-admin-token-how = 控制台里有一行以“admin:”开头，打开那个地址。也可以把 # 后面的内容粘贴到这里。
studio-admin-enter = 进入
studio-admin-leave = 退出
studio-admin-wrong = 这不是本次启动的令牌。它在控制台里以“admin:”开头的那一行。
studio-admin-too-many = 错误的令牌太多了，请过几秒再试。
studio-admin-back = 去管理页面
studio-admin-order-how = 用箭头移动风格。
studio-admin-order-drag = 也可以拖动左边的圆点。
studio-admin-lost = 画室没有回应，请稍后再试。
studio-admin-moved = { $title }现在是第 { $place } 个。
studio-admin-new-how = 放入一张图片，或者同一位画家的最多 { $most } 张。它先是草稿，别人看不到。
studio-admin-modes = 暂停时照收照片，保留位置。收尾时画完排队的，不再接收新的。
